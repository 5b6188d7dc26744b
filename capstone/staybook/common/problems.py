"""The body of an error's answer: problem details. Source: RFC 9457; ``code`` is ours, stable, for programs."""

from __future__ import annotations

from typing import Any

from django.http import JsonResponse

from staybook.common.context import request_id

CONTENT_TYPE = "application/problem+json"
TITLES = {
    400: "Bad request",
    401: "Log in",
    403: "Not allowed",
    404: "Not found",
    405: "Not done here",
    406: "Not available in that form",
    409: "Conflict",
    412: "Changed meanwhile",
    413: "Too long",
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


def answer(status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> JsonResponse:
    """A problem as a Django response, for where there is no view."""
    return JsonResponse(problem(status, code, detail), status=status, content_type=CONTENT_TYPE, headers=headers)
