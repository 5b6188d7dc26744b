"""Answers that are kept as bytes: made once, sent many times, and not at all to who has them."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.http import HttpResponse
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from staybook.api import etags
from staybook.common import cache

KEPT_S = 60.0
_QUARTER_S = 900


class PublicView(APIView):
    """What everybody sees alike: no token is read, and no user."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


def encode(value: Any) -> bytes:
    """JSON as it is sent. Everything in ``value`` is plain: texts, numbers, lists, dicts."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def kept(
    request: Request,
    key: str,
    make: Callable[[], Any],
    *,
    under: Sequence[str],
    etag: Callable[[Any], str] | None = None,
) -> HttpResponse:
    """The answer that is kept for ``key``, or what ``make`` makes; 304 for who has it.

    ``etag`` tells the tag from what was made; without it, the tag is of the bytes. Raises what ``make`` raises.
    """

    def tagged() -> bytes:
        made = make()
        body = encode(made)
        tag = etag(made) if etag else etags.of_bytes(body)
        return tag.encode() + b"\n" + body

    tag, _, body = cache.remember(key, KEPT_S, tagged, under=under).partition(b"\n")
    return etags.answer(request, body, tag.decode())


def key_of(request: Request, prefix: str, names: Iterable[str]) -> str:
    """A cache key from the parameters that matter, whatever their order, and the quarter of an hour.

    A day ends at a quarter in every time zone, so that no answer about "today" outlives it.
    """
    given = [(name, sorted(value for value in request.query_params.getlist(name) if value)) for name in sorted(names)]
    asked = json.dumps([pair for pair in given if pair[1]]).encode()
    return f"{prefix}:{int(time.time() // _QUARTER_S)}:{hashlib.sha256(asked).hexdigest()[:32]}"
