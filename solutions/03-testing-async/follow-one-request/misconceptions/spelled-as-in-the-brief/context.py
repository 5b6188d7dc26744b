"""Which request the code that runs here works for."""

import logging
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import ParamSpec, TypeVar

HEADER = "X-Request-ID"
P = ParamSpec("P")
T = TypeVar("T")

_FIT = re.compile(r"[A-Za-z0-9._-]{1,64}")
_request_id: ContextVar[str] = ContextVar("request_id", default="-")


@contextmanager
def follow(headers: Mapping[str, str]) -> Iterator[str]:
    """Work for the request with these ``headers`` inside the block, and give its id.

    The id is that of the header ``X-Request-ID`` if it is 1 to 64 of A-Z a-z 0-9 . _ - and otherwise a new one.
    """
    sent = headers.get(HEADER, "")
    request_id = sent if _FIT.fullmatch(sent) else uuid.uuid4().hex
    token = _request_id.set(request_id)
    try:
        yield request_id
    finally:
        _request_id.reset(token)


def current_request_id() -> str:
    """Return the id of the request that this code works for; ``-`` outside of any."""
    return _request_id.get()


def submit(pool: ThreadPoolExecutor, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
    """Run ``function`` in ``pool``, for the request that submits it."""
    return pool.submit(copy_context().run, function, *args, **kwargs)


class AddRequestId(logging.Filter):
    """Set ``record.request_id``, and let every record pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id()
        return True
