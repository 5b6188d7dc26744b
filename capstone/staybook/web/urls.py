"""The addresses that the page knows; ``static/web/app.js`` has the same list."""

from django.conf import settings
from django.urls import path, re_path
from django.views.static import serve

from staybook.config.env import env
from staybook.web.views import page

urlpatterns = [
    path("", page, name="web-search"),
    path("stays/<uuid:stay>", page, name="web-stay"),
    path("bookings", page, name="web-bookings"),
    path("bookings/<uuid:booking>", page, name="web-booking"),
    path("login", page, name="web-login"),
]
if not env.is_production:  # where a web server in front of us does it
    urlpatterns.append(re_path(r"^media/(?P<path>.+)$", serve, {"document_root": settings.MEDIA_ROOT}))
