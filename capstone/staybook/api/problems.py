"""Errors as problem details. Source: RFC 9457; ``code`` is ours, stable, for programs."""

from __future__ import annotations

from typing import Any

from django.http import JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response

from staybook.common import errors
from staybook.common.context import request_id

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
TITLES = {
    400: "Bad request",
    401: "Log in",
    403: "Not allowed",
    404: "Not found",
    405: "Not done here",
    406: "Not available in that form",
    409: "Conflict",
    412: "Changed meanwhile",
    415: "Not readable",
    422: "Key used for another request",
    428: "Say which version",
    429: "Too many requests",
    500: "Our fault",
    502: "Payment provider failed",
    503: "Busy",
}


def problem(status: int, code: str, detail: str, *, fields: dict[str, str] | None = None) -> dict[str, Any]:
    """The body of an error's answer."""
    body: dict[str, Any] = {"type": f"/problems/{code}", "title": TITLES.get(status, "Error"), "status": status}
    body |= {"code": code, "detail": detail, "request_id": request_id.get()}
    return body | ({"fields": fields} if fields else {})


def status_of(error: errors.StaybookError) -> int:
    """The status that tells of ``error``: that of its nearest class."""
    return next(STATUSES[kind] for kind in type(error).mro() if kind in STATUSES)


def answer(status: int, code: str, detail: str, **headers: str) -> JsonResponse:
    """A problem as a Django response, for where there is no view."""
    return JsonResponse(
        problem(status, code, detail), status=status, content_type="application/problem+json", headers=headers
    )


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: ours, DRF's own and Django's as problem details; anything else is a bug, and raised."""
    from rest_framework.views import exception_handler

    if isinstance(error, errors.StaybookError):
        status, headers = status_of(error), {}
        body = problem(status, error.code, error.detail, fields=error.fields)
        if isinstance(error, errors.Busy):
            headers["Retry-After"] = str(error.retry_after_s)
    else:
        plain = exception_handler(error, context)
        if plain is None:
            return None
        status, headers = (
            plain.status_code,
            {key: plain[key] for key in ("WWW-Authenticate", "Retry-After", "Allow") if key in plain},
        )
        body = _of_drf(error, status, plain.data)
    if status == 401:
        headers.setdefault("WWW-Authenticate", "Bearer")
    return Response(body, status=status, headers=headers, content_type="application/problem+json")


def _of_drf(error: Exception, status: int, data: Any) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        fields = {key: _flat(value) for key, value in data.items()} if isinstance(data, dict) else {"": _flat(data)}
        return problem(status, "invalid", "Some fields are not right.", fields=fields)
    code = getattr(error, "default_code", "not_found" if status == 404 else "refused")
    return problem(status, str(code), str(data.get("detail", error)) if isinstance(data, dict) else str(error))


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key}: {_flat(inner)}" for key, inner in value.items())
    return " ".join(map(_flat, value)) if isinstance(value, list) else str(value)
