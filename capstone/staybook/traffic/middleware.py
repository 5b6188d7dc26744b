"""What every request passes, in the order of ``settings.MIDDLEWARE``."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from staybook.common import context
from staybook.common.ids import uuid7

Next = Callable[[HttpRequest], HttpResponse]

_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,64}")


def request_id(get_response: Next) -> Next:
    """Name the request, as its sender did or by ourselves, for logs and everything that it sets off."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        name = given if _PLAIN.fullmatch(given) else str(uuid7())
        token = context.request_id.set(name)
        try:
            response = get_response(request)
            response["X-Request-Id"] = name
            return response
        finally:
            context.request_id.reset(token)

    return middleware


def client_ip(get_response: Next) -> Next:
    return get_response


def measure(get_response: Next) -> Next:
    return get_response


def block_and_track(get_response: Next) -> Next:
    return get_response


def limit_rate(get_response: Next) -> Next:
    return get_response
