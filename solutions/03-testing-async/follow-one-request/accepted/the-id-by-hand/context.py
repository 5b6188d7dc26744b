"""Which request the code that runs here works for."""

import contextvars
import logging
import secrets
import string
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

HEADER = "X-Request-ID"
P = ParamSpec("P")
T = TypeVar("T")

ALLOWED = frozenset(string.ascii_letters + string.digits + "._-")
LONGEST = 64
current: contextvars.ContextVar[str | None] = contextvars.ContextVar("current", default=None)


@contextmanager
def follow(headers: Mapping[str, str]) -> Iterator[str]:
    """Work for the request with these ``headers`` inside the block, and give its id.

    The id is that of the header ``X-Request-ID`` if it is 1 to 64 of A-Z a-z 0-9 . _ - and otherwise a new one.
    """
    by_name = {name.casefold(): value for name, value in headers.items()}
    with _working_for(_checked(by_name.get("x-request-id")) or secrets.token_urlsafe(16)) as request_id:
        yield request_id


def current_request_id() -> str:
    """Return the id of the request that this code works for; ``-`` outside of any."""
    return current.get() or "-"


def submit(pool: ThreadPoolExecutor, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
    """Run ``function`` in ``pool``, for the request that submits it."""
    request_id = current.get()

    def work() -> T:
        with _working_for(request_id):
            return function(*args, **kwargs)

    return pool.submit(work)


class AddRequestId(logging.Filter):
    """Set ``record.request_id``, and let every record pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id()
        return True


@contextmanager
def _working_for(request_id: str | None) -> Iterator[str | None]:
    before = current.get()
    current.set(request_id)
    try:
        yield request_id
    finally:
        current.set(before)


def _checked(sent: str | None) -> str | None:
    if sent and len(sent) <= LONGEST and ALLOWED.issuperset(sent):
        return sent
    return None
