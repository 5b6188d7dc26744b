"""The same request twice has one effect, and the same answer. Source: IETF draft "The Idempotency-Key HTTP Header
Field" (draft-ietf-httpapi-idempotency-key-header), sections 2.1 to 2.7.

The claim of the key, the effect and the answer are one transaction: a process that dies leaves none of them. A
duplicate that comes meanwhile waits on the unique index (2 s by ``lock_timeout``), then replays. Answers that say
"try again" (5xx, 429) are never kept. Keys are a caller's own, and kept for 24 hours.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any, cast

from django.db import OperationalError
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from staybook.accounts.models import User
from staybook.api.problems import problem
from staybook.common import clock
from staybook.common.errors import Invalid
from staybook.common.models import IdempotencyKey
from staybook.common.transactions import in_transaction, insert_unless_taken, is_contention

Handler = Callable[..., Response]
Answer = Callable[..., HttpResponse]

KEPT = timedelta(hours=24)
PARAMETER = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[!#-~]+$"},
    OpenApiParameter.HEADER,
    required=True,
    description="A name for this request, for example a UUID. The same key again gives the same answer, for 24 hours.",
)
_KEPT_HEADERS = ("Content-Type", "Location", "ETag")
_KEY = re.compile(r"[!#-~]{1,255}")


def idempotent(handler: Handler) -> Answer:
    """Make a view's method answer each key once; it runs in a transaction, which its services join.

    Without a usable key: 400. The key of another request: 422. A key whose first request is still going on: 409 with
    Retry-After.
    """

    @wraps(handler)
    def once(view: APIView, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = _Asked.of(request)

        def claim_and_do() -> HttpResponse:
            claim = asked.claim()
            if earlier := asked.answered_or_claimed(claim):
                return earlier
            response = _rendered(view, request, lambda: handler(view, request, *args, **kwargs))
            if response.status_code >= 400:
                raise _Refused(response)
            _write_answer(claim, response)
            claim.save(update_fields=["status", "headers", "body"])
            return response

        try:
            return in_transaction(claim_and_do, may_join=False)
        except _InUse:
            return _wait_for_the_first()
        except _Refused as refused:  # what the handler began is rolled back; the answer is kept by itself
            return _kept(asked, refused.response)

    return once


def idempotent_in_steps(handler: Handler) -> Answer:
    """As ``idempotent``, for a method that asks another service between two transactions of its own.

    The key is not claimed meanwhile, so the method must be harmless when two duplicates run at once, as a payment is by
    its reference. The first that is done gives its answer to all.
    """

    @wraps(handler)
    def once(view: APIView, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = _Asked.of(request)
        if earlier := asked.answered():
            return earlier
        return _kept(asked, _rendered(view, request, lambda: handler(view, request, *args, **kwargs)))

    return once


class _Refused(Exception):
    """The handler answered with an error: nothing that it wrote may stay."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


class _InUse(Exception):
    """The first request with this key goes on for longer than a duplicate waits."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request as its key knows it."""

    user_id: int
    key: str
    fingerprint: str

    @classmethod
    def of(cls, request: Request) -> _Asked:
        """Raises Invalid for a missing key, and for one that cannot be."""
        given = request.headers.get("Idempotency-Key", "")
        key = given[1:-1] if len(given) > 1 and given[0] == given[-1] == '"' else given  # the draft quotes it
        if not given:
            raise Invalid("Name this request in the header Idempotency-Key.", code="idempotency_key_missing")
        if not _KEY.fullmatch(key):
            raise Invalid("A key is 1 to 255 visible ASCII characters.", code="idempotency_key_invalid")
        told = f"{request.method} {request.get_full_path()}\n".encode() + request.body
        return cls(cast("User", request.user).pk, key, hashlib.sha256(told).hexdigest())

    def claim(self) -> IdempotencyKey:
        return IdempotencyKey(user_id=self.user_id, key=self.key, fingerprint=self.fingerprint)

    def answered_or_claimed(self, row: IdempotencyKey) -> HttpResponse | None:
        """The answer that this key has; or None, and ``row`` is inserted as its claim. Raises _InUse."""
        while True:
            try:
                if insert_unless_taken(row):
                    return None
            except OperationalError as error:
                if is_contention(error):
                    raise _InUse from error
                raise
            if earlier := self.answered():
                return earlier

    def answered(self) -> HttpResponse | None:
        """The answer that this key has; one that is too old is forgotten."""
        stored = IdempotencyKey.objects.filter(user_id=self.user_id, key=self.key)
        earlier = stored.first()
        if earlier is None:
            return None
        if earlier.created_at < clock.now() - KEPT:
            stored.filter(pk=earlier.pk).delete()
            return None
        if earlier.fingerprint != self.fingerprint:
            return _problem(422, "idempotency_key_reused", "This key belongs to another request. Take a new one.")
        headers = {**earlier.headers, "Idempotent-Replayed": "true"}
        return HttpResponse(bytes(earlier.body), status=earlier.status, headers=headers)


def _rendered(view: APIView, request: Request, handle: Callable[[], Response]) -> Response:
    """The handler's answer, or that to its error, as bytes. Raises what is a bug, and contention, which is retried."""
    try:
        response = handle()
    except Exception as error:
        if is_contention(error):
            raise
        response = view.handle_exception(error)
    response = view.finalize_response(request, response)
    response.render()
    return response


def _kept(asked: _Asked, response: Response) -> HttpResponse:
    """``response``, kept for the next time; or the answer that somebody else's same request was given before it."""
    if response.status_code >= 500 or response.status_code == 429:
        return response
    row = asked.claim()
    _write_answer(row, response)
    try:
        return in_transaction(lambda: asked.answered_or_claimed(row)) or response
    except _InUse:
        return _wait_for_the_first()


def _write_answer(row: IdempotencyKey, response: Response) -> None:
    row.status, row.body = response.status_code, response.content
    row.headers = {name: response[name] for name in _KEPT_HEADERS if name in response}


def _wait_for_the_first() -> Response:
    return _problem(409, "idempotency_key_in_use", "The first request with this key is still going on.", retry="1")


def _problem(status: int, code: str, detail: str, *, retry: str = "") -> Response:
    headers = {"Retry-After": retry} if retry else None
    body = problem(status, code, detail)
    return Response(body, status=status, headers=headers, content_type="application/problem+json")


def clean() -> int:
    """Delete the keys that are too old to be answered; return how many."""
    return IdempotencyKey.objects.filter(created_at__lt=clock.now() - KEPT).delete()[0]
