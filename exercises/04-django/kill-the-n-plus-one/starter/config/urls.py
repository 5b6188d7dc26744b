"""Where each address leads."""

from django.urls import include, path

urlpatterns = [path("listings/", include("stays.urls"))]
