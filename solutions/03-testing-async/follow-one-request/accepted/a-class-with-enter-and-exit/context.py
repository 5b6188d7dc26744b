"""Which request the code that runs here works for."""

import logging
import os
import re
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar, Token, copy_context
from functools import partial
from types import TracebackType
from typing import ParamSpec, TypeVar

HEADER = "X-Request-ID"
P = ParamSpec("P")
T = TypeVar("T")

_REQUEST = ContextVar[str]("staybook.request")


class follow:
    """Work for the request with these ``headers`` inside the block, and give its id.

    The id is that of the header ``X-Request-ID`` if it is 1 to 64 of A-Z a-z 0-9 . _ - and otherwise a new one.
    """

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.request_id = os.urandom(16).hex()
        self._tokens: list[Token[str]] = []
        for name, value in headers.items():
            if name.lower() == "x-request-id" and re.fullmatch("[-a-zA-Z0-9._]{1,64}", value):
                self.request_id = value

    def __enter__(self) -> str:
        self._tokens.append(_REQUEST.set(self.request_id))
        return self.request_id

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _REQUEST.reset(self._tokens.pop())


def current_request_id() -> str:
    """Return the id of the request that this code works for; ``-`` outside of any."""
    return _REQUEST.get("-")


def submit(pool: ThreadPoolExecutor, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
    """Run ``function`` in ``pool``, for the request that submits it."""
    here = copy_context()
    return pool.submit(lambda: here.run(partial(function, *args, **kwargs)))


class AddRequestId(logging.Filter):
    """Set ``record.request_id``, and let every record pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        vars(record).update(request_id=_REQUEST.get("-"))
        return super().filter(record)
