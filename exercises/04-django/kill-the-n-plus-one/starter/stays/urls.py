"""The addresses of the app ``stays``."""

from django.urls import path

from stays.views import listing_list

urlpatterns = [path("", listing_list)]
