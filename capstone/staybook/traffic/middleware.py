"""What every request passes, in the order of ``settings.MIDDLEWARE``."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.middleware.common import CommonMiddleware

from staybook.common import context
from staybook.common.ids import uuid7
from staybook.common.problems import answer
from staybook.config.env import env
from staybook.traffic import addresses, blocking, metrics, ratelimit, tracking
from staybook.traffic.limits import PERIOD_S, PROBES, Policy, policy_for

Next = Callable[[HttpRequest], HttpResponse]

_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,64}")
_access = logging.getLogger("staybook.access")


def request_id(get_response: Next) -> Next:
    """Name the request, as its sender did or by ourselves, for logs and everything that it sets off.

    The name stays in the context after the answer: Django logs errors outside of every middleware, and rows are
    written when the response is closed. The next request of this thread has another.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        name = given if _PLAIN.fullmatch(given) else str(uuid7())
        context.request_id.set(name)
        response = get_response(request)
        response["X-Request-Id"] = name
        return response

    return middleware


def client_ip(get_response: Next) -> Next:
    """Find out where the request comes from, for all that follow, as ``request.client_ip``."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.client_ip = addresses.client_ip(request.META, env.trusted_proxies)  # type: ignore[attr-defined]
        return get_response(request)

    return middleware


def measure(get_response: Next) -> Next:
    """Count the request, time it, and write one line about it, which names no person and no address."""

    def middleware(request: HttpRequest) -> HttpResponse:
        statements = _Statements()
        start = time.perf_counter()
        with connection.execute_wrapper(statements):
            response = get_response(request)
        seconds = time.perf_counter() - start
        route = metrics.route_of(request)
        metrics.count(route, request.method, response.status_code, seconds)
        facts = {"route": route, "method": request.method, "status": response.status_code}
        _access.info("request", extra=facts | {"ms": round(seconds * 1000, 1), "statements": statements.count})
        return response

    return middleware


def block_and_track(get_response: Next) -> Next:
    """Refuse those whom staff blocked, and remember who asked; probes pass."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path in PROBES:
            return get_response(request)
        if blocking.is_blocked(addresses.ip_of(request)):
            response: HttpResponse = answer(403, "blocked", "Your network is blocked.")
        else:
            response = get_response(request)
        tracking.remember(request, response)
        return response

    return middleware


def limit_rate(get_response: Next) -> Next:
    """Refuse those who ask too often, and tell everybody what is left.

    Source: RFC 6585, section 4 (429), and draft-ietf-httpapi-ratelimit-headers-10 (RateLimit-Policy, RateLimit).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        policy = policy_for(request)
        if policy is None:
            return get_response(request)
        verdict = _admit(policy)
        if verdict.allowed:
            response = get_response(request)
        else:
            wait = str(verdict.retry_after_s)
            response = answer(429, "too_many_requests", f"Ask again in {wait} s.", {"Retry-After": wait})
        response["RateLimit-Policy"] = f'"{policy.name}";q={policy.limit};w={PERIOD_S}'
        response["RateLimit"] = f'"{policy.name}";r={verdict.remaining};t={verdict.reset_s}'
        return response

    return middleware


class CommonUnlessProbed(CommonMiddleware):
    """Django's, which refuses hosts that ALLOWED_HOSTS does not name: whoever probes has an address, and no name."""

    def process_request(self, request: HttpRequest) -> Any:
        return None if request.path in PROBES else super().process_request(request)


def _admit(policy: Policy) -> ratelimit.Verdict:
    admit = ratelimit.admit if policy.is_exact else ratelimit.admit_roughly
    return admit(policy.key, limit=policy.limit, period_s=PERIOD_S)


class _Statements:
    """Counts what is sent to the database."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        return execute(sql, params, many, context)
