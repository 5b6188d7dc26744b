"""OpenAPI, and two ways to read it that load nothing from elsewhere."""

from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularRedocView, SpectacularSwaggerView

urlpatterns = [
    path("openapi.json", SpectacularJSONAPIView.as_view(), name="openapi"),
    path("docs", SpectacularSwaggerView.as_view(url_name="openapi"), name="swagger"),
    path("redoc", SpectacularRedocView.as_view(url_name="openapi", template_name="api/redoc.html"), name="redoc"),
]
