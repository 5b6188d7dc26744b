"""A cache whose answers grow old."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


def ttl_cache(
    seconds: float,
    *,
    max_size: int = 128,
    clock: Callable[[], float] = time.monotonic,
) -> Callable[[Function], Function]:
    """Make a decorator that serves an answer again for less than ``seconds``.

    Keeps the ``max_size`` answers that were used last, for each instance if it decorates a method.
    """
    # TODO: return a decorator.
    raise NotImplementedError("TODO: remember the answers")
