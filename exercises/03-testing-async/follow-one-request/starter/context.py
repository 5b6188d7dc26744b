"""Which request the code that runs here works for."""

import logging
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

HEADER = "X-Request-ID"
P = ParamSpec("P")
T = TypeVar("T")


@contextmanager
def follow(headers: Mapping[str, str]) -> Iterator[str]:
    """Work for the request with these ``headers`` inside the block, and give its id.

    The id is that of the header ``X-Request-ID`` if it is 1 to 64 of A-Z a-z 0-9 . _ - and otherwise a new one.
    """
    # TODO: take or make an id, and hold it while the block runs.
    raise NotImplementedError("TODO: follow a request")
    yield ""


def current_request_id() -> str:
    """Return the id of the request that this code works for; ``-`` outside of any."""
    raise NotImplementedError("TODO: say which request this is")


def submit(pool: ThreadPoolExecutor, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
    """Run ``function`` in ``pool``, for the request that submits it."""
    raise NotImplementedError("TODO: carry the request into the pool")


class AddRequestId(logging.Filter):
    """Set ``record.request_id``, and let every record pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        raise NotImplementedError("TODO: stamp the record")
