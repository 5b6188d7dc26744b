"""Versions over HTTP: ETag, If-None-Match and If-Match. Source: RFC 9110, sections 8.8.3, 13.1.1 and 13.1.2."""

from __future__ import annotations

import hashlib
import re

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from rest_framework.exceptions import APIException
from rest_framework.request import Request

_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')


class PreconditionRequired(APIException):
    """A change without If-Match: two people would overwrite one another. Source: RFC 6585, section 3."""

    status_code = 428
    default_code = "precondition_required"
    default_detail = "Send If-Match with the ETag that you read."


def of_version(version: int) -> str:
    """The strong tag of a version."""
    return f'"v{version}"'


def of_bytes(body: bytes) -> str:
    """The strong tag of these bytes."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def wanted_versions(request: Request) -> frozenset[int] | None:
    """The versions that If-Match allows; None for ``*``, which allows any.

    Weak tags and those of others match no version. Raises PreconditionRequired without the header.
    """
    given = request.headers.get("If-Match")
    if given is None:
        raise PreconditionRequired
    if given.strip() == "*":
        return None
    strong = [tag for weak, tag in _TAG.findall(given) if not weak]
    return frozenset(int(tag[1:]) for tag in strong if re.fullmatch(r"v[0-9]{1,9}", tag))


def answer(request: HttpRequest | Request, body: bytes, etag: str) -> HttpResponse:
    """``body`` as JSON, or 304 without it for who has it: If-None-Match compares weakly."""
    known = request.headers.get("If-None-Match", "")
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if known and (known.strip() == "*" or etag.strip('"') in {tag for _, tag in _TAG.findall(known)}):
        return HttpResponseNotModified(headers=headers)
    return HttpResponse(body, content_type="application/json", headers=headers)
