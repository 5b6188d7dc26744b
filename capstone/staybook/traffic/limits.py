"""Which limit a request counts against, and as whose."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from staybook.accounts import tokens
from staybook.common.errors import Unauthenticated
from staybook.traffic.addresses import bucket_of, ip_of

PERIOD_S = 60
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked by machines of ours: they pass everything that is there for strangers."""
_UNCOUNTED = ("/static/", "/media/")
_LOGINS = ("/api/v1/auth/login", "/api/v1/auth/register", "/admin/login")
"""What can be guessed at. A refresh token cannot, and a page that is reloaded needs one: it counts as a change."""
_SIGNED = ("/api/v1/webhooks/",)
"""Providers call from few addresses, and sign; a lost call costs more than a read."""


@dataclass(frozen=True, slots=True)
class Policy:
    """``limit`` requests in a minute, counted under ``key``."""

    name: str
    key: str
    limit: int

    @property
    def is_exact(self) -> bool:
        """Whether all processes must count together, also without Redis."""
        return self.name != "reads"


def policy_for(request: HttpRequest) -> Policy | None:
    """The limit for ``request``; None for what is not counted.

    Logins count by address alone: whoever guesses passwords has no token, or has many.
    """
    if request.path in PROBES or request.path.startswith(_UNCOUNTED):
        return None
    name = _kind(request)
    who = f"ip:{bucket_of(ip_of(request))}" if name == "auth" else _caller(request)
    return Policy(name, f"{name}:{who}", settings.RATE_LIMITS[name])


def _kind(request: HttpRequest) -> str:
    if request.method in ("GET", "HEAD", "OPTIONS") or request.path.startswith(_SIGNED):
        return "reads"
    if request.path.startswith(_LOGINS):
        return "auth"
    return "writes" if request.path != "/graphql" or _mutates(request) else "reads"


def _mutates(request: HttpRequest) -> bool:
    """Whether a GraphQL request may change something: its document has the word ``mutation``, or cannot be read."""
    with suppress(ValueError, RecursionError):
        body = json.loads(request.body)
        operations = body if isinstance(body, list) else [body]
        return any(not isinstance(one, dict) or "mutation" in str(one.get("query", "")) for one in operations)
    return True


def _caller(request: HttpRequest) -> str:
    """The user whom a token of ours names, by its signature alone; anybody else is their address."""
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() == "bearer":
        with suppress(Unauthenticated):
            return f"user:{tokens.subject_of(token.strip())}"
    return f"ip:{bucket_of(ip_of(request))}"
