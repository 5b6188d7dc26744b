"""URLs of the probes."""

from __future__ import annotations

from django.urls import path

from staybook.traffic import probes

urlpatterns = [
    path("healthz", probes.healthz, name="probe-healthz"),
    path("readyz", probes.readyz, name="probe-readyz"),
    path("metrics", probes.prometheus, name="probe-metrics"),
]
