"""Which request the code that runs here works for."""

import asyncio
import logging
import re
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

HEADER = "X-Request-ID"
P = ParamSpec("P")
T = TypeVar("T")

_FIT = re.compile(r"[A-Za-z0-9._-]{1,64}")
_request_ids: dict[Any, str] = {}


def _me() -> Any:
    try:
        return asyncio.current_task() or threading.get_ident()
    except RuntimeError:
        return threading.get_ident()


@contextmanager
def follow(headers: Mapping[str, str]) -> Iterator[str]:
    """Work for the request with these ``headers`` inside the block, and give its id.

    The id is that of the header ``X-Request-ID`` if it is 1 to 64 of A-Z a-z 0-9 . _ - and otherwise a new one.
    """
    sent = next((value for name, value in headers.items() if name.lower() == HEADER.lower()), "")
    request_id = sent if _FIT.fullmatch(sent) else uuid.uuid4().hex
    before = current_request_id()
    _request_ids[_me()] = request_id
    try:
        yield request_id
    finally:
        _request_ids[_me()] = before


def current_request_id() -> str:
    """Return the id of the request that this code works for; ``-`` outside of any."""
    return _request_ids.get(_me(), "-")


def submit(pool: ThreadPoolExecutor, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
    """Run ``function`` in ``pool``, for the request that submits it."""
    request_id = current_request_id()

    def work() -> T:
        with follow({HEADER: request_id}):
            return function(*args, **kwargs)

    return pool.submit(work)


class AddRequestId(logging.Filter):
    """Set ``record.request_id``, and let every record pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id()
        return True
