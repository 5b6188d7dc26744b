"""The WSGI application."""

import atexit
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "staybook.config.settings")
application = get_wsgi_application()

from staybook.traffic import tracking  # noqa: E402  (its models want the applications that were loaded above)

atexit.register(tracking.write)
