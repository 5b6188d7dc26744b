"""One page for every address of the site; the rest is JavaScript on the public API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


def page(request: HttpRequest, **_: Any) -> HttpResponse:
    """The page, which may load nothing from anywhere else. Source: Content Security Policy Level 3."""
    response = render(request, "web/page.html")
    response["Content-Security-Policy"] = _POLICY
    return response
