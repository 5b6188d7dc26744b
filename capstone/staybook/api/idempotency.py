"""The header Idempotency-Key, for views: the same request twice has one effect, and the same bytes for an answer.

Source: IETF draft "The Idempotency-Key HTTP Header Field", sections 2.1 to 2.7; ``common.idempotency`` does the work.
Answers that say "try again" (5xx, 429) are never kept. Keys are a caller's own, and kept for 24 hours.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from staybook.accounts.models import User
from staybook.api.problems import problem
from staybook.common.errors import Busy, Conflict, Invalid
from staybook.common.idempotency import IN_USE, Answer, Asked, Taken
from staybook.common.transactions import is_contention

Handler = Callable[..., Response]
View = Callable[..., HttpResponse]

PARAMETER = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[!#-~]+$"},
    OpenApiParameter.HEADER,
    required=True,
    description="A name for this request, for example a UUID. The same key again gives the same answer, for 24 hours.",
)
_KEPT_HEADERS = ("Content-Type", "Location", "ETag")


def idempotent(handler: Handler) -> View:
    """Make a view's method answer each key once; it runs in a transaction, which its services join.

    Without a usable key: 400. The key of another request: 422. A key whose first request is still going on: 409 with
    Retry-After.
    """

    @wraps(handler)
    def once(view: APIView, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = _asked(request)

        def do() -> Answer:
            response = _rendered(view, request, lambda: handler(view, request, *args, **kwargs))
            if response.status_code >= 400:
                raise _Refused(response)
            return _answer_of(response)

        def do_once() -> HttpResponse:
            try:
                answer, was_replayed = asked.do_once(do)
            except _Refused as refused:  # what the handler began is rolled back; the answer is kept by itself
                return _kept(asked, refused.response)
            return _told(answer, was_replayed=was_replayed)

        return _or_a_problem(do_once)

    return once


def idempotent_at_once(handler: Callable[..., Answer]) -> View:
    """As ``idempotent``, for a method that has its answer before its effect, and claims the key together with it.

    It is given what was asked, makes the claim of its answer, and leaves that to its service to insert.
    """

    @wraps(handler)
    def once(view: APIView, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = _asked(request)

        def do_once() -> HttpResponse:
            while True:
                try:
                    return _told(handler(view, request, asked, *args, **kwargs), was_replayed=False)
                except Taken:
                    if earlier := asked.answered():
                        return _told(earlier, was_replayed=True)
                except Exception as error:
                    return _kept(asked, _refusal(view, request, error))

        return _or_a_problem(do_once)

    return once


def idempotent_in_steps(handler: Handler) -> View:
    """As ``idempotent``, for a method that asks another service between two transactions of its own.

    The key is not claimed meanwhile, so the method must be harmless when two duplicates run at once, as a payment is by
    its reference. The first that is done gives its answer to all.
    """

    @wraps(handler)
    def once(view: APIView, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = _asked(request)

        def do_once() -> HttpResponse:
            if earlier := asked.answered():
                return _told(earlier, was_replayed=True)
            return _kept(asked, _rendered(view, request, lambda: handler(view, request, *args, **kwargs)))

        return _or_a_problem(do_once)

    return once


class _Refused(Exception):
    """The handler answered with an error: nothing that it wrote may stay."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


def _asked(request: Request) -> Asked:
    given = request.META.get("HTTP_IDEMPOTENCY_KEY", "")
    key = given[1:-1] if len(given) > 1 and given[0] == given[-1] == '"' else given  # the draft quotes it
    if not given:
        raise Invalid("Name this request in the header Idempotency-Key.", code="idempotency_key_missing")
    told = f"{request.method} {request.get_full_path()}\n".encode() + request.body
    return Asked.of(user_id=cast("User", request.user).pk, key=key, told=told)


def _rendered(view: APIView, request: Request, handle: Callable[[], Response]) -> Response:
    """The handler's answer, or that to its error, as bytes. Raises as ``_refusal``."""
    try:
        response = handle()
    except Exception as error:
        return _refusal(view, request, error)
    return _finished(view, request, response)


def _refusal(view: APIView, request: Request, error: Exception) -> Response:
    """The answer to an error, as bytes.

    Raises what is a bug, contention, which is retried, and what a key in use means.
    """
    if is_contention(error) or getattr(error, "code", "") == IN_USE:
        raise error
    return _finished(view, request, view.handle_exception(error))


def _finished(view: APIView, request: Request, response: Response) -> Response:
    if not response.is_rendered:
        view.finalize_response(request, response).render()
    return response


def _kept(asked: Asked, response: Response) -> HttpResponse:
    """``response``, kept for the next time; or the answer that somebody else's same request was given before it."""
    if response.status_code >= 500 or response.status_code == 429:
        return response
    mine = _answer_of(response)
    kept = asked.keep(mine)
    return response if kept is mine else _told(kept, was_replayed=True)


def _answer_of(response: Response) -> Answer:
    headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
    return Answer(response.status_code, response.content, headers)


def _told(answer: Answer, *, was_replayed: bool) -> HttpResponse:
    headers = answer.headers | ({"Idempotent-Replayed": "true"} if was_replayed else {})
    return HttpResponse(answer.body, status=answer.status, headers=headers)


def _or_a_problem(do_once: Callable[[], HttpResponse]) -> HttpResponse:
    try:
        return do_once()
    except Busy as error:
        if error.code != IN_USE:
            raise
        return _problem(409, error, {"Retry-After": str(error.retry_after_s)})
    except Conflict as error:
        if error.code != "idempotency_key_reused":
            raise
        return _problem(422, error)


def _problem(status: int, error: Busy | Conflict, headers: dict[str, str] | None = None) -> Response:
    body = problem(status, error.code, error.detail)
    return Response(body, status=status, headers=headers, content_type="application/problem+json")
