"""OpenAPI, and two ways to read it that load nothing from elsewhere."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerView

urlpatterns = [
    path("openapi.json", SpectacularAPIView.as_view(), name="openapi"),
    path("docs", SpectacularSwaggerView.as_view(url_name="openapi"), name="swagger"),
    path("redoc", SpectacularRedocView.as_view(url_name="openapi"), name="redoc"),
]
