"""What machines of ours ask: do you live, are you ready, how are you.

``/metrics`` is for whoever has METRICS_TOKEN, sent as a bearer token. Without one it is for callers on this machine
only, and not for what a proxy on this machine passes on.
"""

from __future__ import annotations

import hmac
import logging
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from staybook.common.problems import answer
from staybook.config.env import env
from staybook.traffic import metrics

_PATIENCE_S = 1.0
_DEFAULT_PORTS = {"redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671}
_prober = ThreadPoolExecutor(1, thread_name_prefix="readyz")
_log = logging.getLogger(__name__)


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """The process answers. It looks at nothing else: a restart mends no database."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """Whether requests belong here: the database answers within a second and has every migration.

    Redis and the broker are told of, and decide nothing: without them bookings are made all the same.
    """
    asked = _prober.submit(_database, _migrations())
    try:
        database = asked.result(_PATIENCE_S)
    except Exception as error:
        asked.cancel()
        _log.warning("the database does not answer", extra={"error": type(error).__name__})
        database = "down"
    parts = {"database": database, "redis": _reach(env.redis_url), "broker": _reach(env.broker_url)}
    ready = database == "ok"
    return JsonResponse({"status": "ok" if ready else "not ready"} | parts, status=200 if ready else 503)


@never_cache
@require_safe
def prometheus(request: HttpRequest) -> HttpResponse:
    """Counts and times, for Prometheus."""
    if not _may_measure(request):
        return answer(403, "forbidden", "Metrics are for this machine, or for the bearer of METRICS_TOKEN.")
    return HttpResponse(metrics.exposition(), content_type=metrics.CONTENT_TYPE)


@cache
def _migrations() -> frozenset[tuple[str, str]]:
    """Those that this code comes with, by app and name."""
    return frozenset(MigrationLoader(None).disk_migrations or ())


def _database(wanted: frozenset[tuple[str, str]]) -> str:
    """Ask over a connection of its own, which also shows that there is one to be had."""
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET statement_timeout = '1s'")
            cursor.execute("SELECT app, name FROM django_migrations")
            applied = {(app, name) for app, name in cursor.fetchall()}
        return "ok" if wanted <= applied else "migrations are missing"
    finally:
        connections.close_all()


def _reach(url: str) -> str:
    """Whether somebody listens at ``url``."""
    if not url:
        return "none"
    parts = urlsplit(url)
    try:
        where = (parts.hostname or "localhost", parts.port or _DEFAULT_PORTS.get(parts.scheme, 0))
        socket.create_connection(where, timeout=0.2).close()
    except (OSError, ValueError):
        return "down"
    return "ok"


def _may_measure(request: HttpRequest) -> bool:
    if token := env.metrics_token.get_secret_value():
        sent = request.headers.get("Authorization", "")
        return hmac.compare_digest(sent.encode(), f"Bearer {token}".encode())
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
