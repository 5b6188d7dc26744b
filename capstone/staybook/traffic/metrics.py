"""What Prometheus is told: how many requests, by route, and how long they took."""

from __future__ import annotations

import os

from django.http import HttpRequest
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)

CONTENT_TYPE = CONTENT_TYPE_LATEST
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_requests = Counter("staybook_requests_total", "Requests that were answered.", ["route", "method", "status"])
_seconds = Histogram(
    "staybook_request_seconds",
    "From the first middleware to the answer.",
    ["route", "method"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


def route_of(request: HttpRequest) -> str:
    """The name of the route, of which there are few; never the path, of which strangers make as many as they like."""
    match = request.resolver_match
    return (match.view_name or match.route) if match else "none"


def count(route: str, method: str | None, status: int, seconds: float) -> None:
    """One request was answered."""
    verb = method if method in _METHODS else "OTHER"
    _requests.labels(route, verb, status).inc()
    _seconds.labels(route, verb).observe(seconds)


def exposition() -> bytes:
    """Everything, as Prometheus reads it; of all processes, where PROMETHEUS_MULTIPROC_DIR names a folder of theirs."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
