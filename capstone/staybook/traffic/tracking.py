"""That somebody asked: kept in this process first, and written many at a time, after an answer has left.

The purpose is to find abuse, and to answer for it. The address is whole for 30 days and then truncated; after 180
days the row is deleted (``tasks``). No query string, no header, no body is kept. Source: GDPR, articles 5 (1) and
6 (1) (f), and recital 49.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from datetime import datetime
from typing import Any, NamedTuple

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject

from staybook.common import clock, prepared
from staybook.traffic.addresses import ip_of
from staybook.traffic.models import RequestRecord

BATCH = 100
OLDEST_S = 5.0
_MOST_WAITING = 10_000
_INSERT = """
INSERT INTO traffic_requestrecord (at, ip, user_id, method, path, status, is_truncated)
SELECT *, false FROM unnest(
  %s::timestamptz[], %s::text[]::inet[], %s::bigint[], %s::text[], %s::text[], %s::smallint[]
)
"""


class _Seen(NamedTuple):
    at: datetime
    ip: str
    user_id: int | None
    method: str
    path: str
    status: int


_waiting: deque[_Seen] = deque(maxlen=_MOST_WAITING)
_oldest_at = 0.0
_log = logging.getLogger(__name__)


def remember(request: HttpRequest, response: HttpResponseBase) -> None:
    """Keep that ``request`` was answered with ``response``; a hundred, or what waits for 5 s, are written together.

    The database is asked when the server closes the response: the client has it by then.
    """
    global _oldest_at
    if not _waiting:
        _oldest_at = time.monotonic()
    _waiting.append(
        _Seen(
            at=clock.now(),
            ip=ip_of(request),
            user_id=_user_id(request),
            method=(request.method or "")[:7],
            path=request.path[:200].replace("\x00", ""),
            status=response.status_code,
        )
    )
    if len(_waiting) >= BATCH or time.monotonic() - _oldest_at >= OLDEST_S:
        response._resource_closers.append(write)  # type: ignore[attr-defined]


def write() -> int:
    """Write what waits; return how many rows that were. What cannot be written is lost, and the log says so."""
    rows = []
    while _waiting:
        rows.append(_waiting.popleft())
    try:
        _insert(rows)
    except DatabaseError as error:
        _log.warning("requests were not recorded", extra={"count": len(rows), "error": type(error).__name__})
        return 0
    return len(rows)


def _insert(rows: list[_Seen]) -> None:
    """On PostgreSQL as arrays, by a statement that is always the same: Django words one of as many values each time."""
    if connection.vendor != "postgresql":
        RequestRecord.objects.bulk_create(RequestRecord(**row._asdict()) for row in rows)
    elif rows:
        with prepared.cursor() as cursor:
            cursor.execute(_INSERT, [list(column) for column in zip(*rows, strict=True)])


def forget() -> None:
    """Drop what waits."""
    _waiting.clear()


def _user_id(request: HttpRequest) -> Any:
    """Who was logged in, if anybody had to find out; asking a session here would cost a statement."""
    user = request.__dict__.get("user")
    if isinstance(user, SimpleLazyObject):
        user = request.__dict__.get("_cached_user")
    return getattr(user, "pk", None)
