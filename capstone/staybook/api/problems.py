"""Errors as problem details, whoever raised them: the domain, DRF, Django, or a bug. Source: RFC 9457."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from staybook.common import errors
from staybook.common.problems import CONTENT_TYPE, TITLES, answer, problem

__all__ = ["STATUSES", "TITLES", "answer", "bad_request", "denied", "failed", "handle", "not_found", "problem"]

STATUSES: dict[type[errors.StaybookError], int] = {
    errors.Invalid: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Stale: 412,
    errors.TooMany: 429,
    errors.GatewayFailed: 502,
    errors.Busy: 503,
}
_CODES = {
    "authentication_failed": "token_invalid",
    "not_authenticated": "unauthenticated",
    "permission_denied": "forbidden",
    "parse_error": "not_json",
    "throttled": "too_many_requests",
}
"""Codes of DRF that say what a code of ours says."""
_OURS = ("/api/", "/graphql")


def status_of(error: errors.StaybookError) -> int:
    """The status that tells of ``error``: that of its nearest class."""
    return next(STATUSES[kind] for kind in type(error).mro() if kind in STATUSES)


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: ours, DRF's own and Django's as problem details; anything else is a bug, and raised."""
    if isinstance(error, errors.StaybookError):
        status, headers = status_of(error), {}
        body = problem(status, error.code, error.detail, fields=error.fields)
        if isinstance(error, errors.Busy):
            headers["Retry-After"] = str(error.retry_after_s)
    else:
        plain = exception_handler(error, context)
        if plain is None:
            return None
        status, body = plain.status_code, _of_drf(error, plain.status_code, plain.data)
        headers = {key: plain[key] for key in ("WWW-Authenticate", "Retry-After", "Allow") if key in plain}
    if status == 401:
        headers["WWW-Authenticate"] = _challenge(body["code"])
    return Response(body, status=status, headers=headers, content_type=CONTENT_TYPE)


def _challenge(code: str) -> str:
    """What a 401 asks for; it names an error only where a token was sent. Source: RFC 6750, section 3."""
    return 'Bearer error="invalid_token"' if code in ("token_invalid", "token_expired") else "Bearer"


def _of_drf(error: Exception, status: int, data: Any) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        fields = {key: _flat(value) for key, value in data.items()} if isinstance(data, dict) else {"": _flat(data)}
        return problem(status, "invalid", "Some fields are not right.", fields=fields)
    known = {403: "forbidden", 404: "not_found"}.get(status, "refused")
    code = str(getattr(error, "default_code", known))
    detail = data.get("detail", error) if isinstance(data, dict) else error
    return problem(status, _CODES.get(code, code), str(detail))


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key}: {_flat(inner)}" for key, inner in value.items())
    return " ".join(map(_flat, value)) if isinstance(value, list) else str(value)


def _for_programs(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponseBase | None:
    return answer(status, code, detail) if request.path.startswith(_OURS) else None


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """``handler400``: what Django itself cannot read, such as a host that is not ours or a body that is too long."""
    if type(exception).__name__ == "RequestDataTooBig":
        ours = _for_programs(request, 413, "too_long", "The body is too long.")
    else:
        ours = _for_programs(request, 400, "bad_request", "The request cannot be read.")
    return ours or defaults.bad_request(request, exception)


def denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """``handler403``."""
    ours = _for_programs(request, 403, "forbidden", "You may not do this.")
    return ours or defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """``handler404``: no route leads here."""
    ours = _for_programs(request, 404, "no_such_route", f"Nothing is at {request.path[:200]}.")
    return ours or defaults.page_not_found(request, exception)


def failed(request: HttpRequest) -> HttpResponseBase:
    """``handler500``: a bug of ours. Django has logged it; the answer says nothing of it but the request's id."""
    ours = _for_programs(request, 500, "internal_error", "Something went wrong here. Quote the request_id.")
    return ours or defaults.server_error(request)
