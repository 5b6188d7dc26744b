"""Settings of a project that lives for one lesson."""

import dj_database_url

SECRET_KEY = "for a lesson that serves nobody"
INSTALLED_APPS = ["stays"]
DATABASES = {"default": dj_database_url.config()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
