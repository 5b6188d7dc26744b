"""A decorator that logs calls."""

import logging
import time
from collections.abc import Callable, Collection
from typing import Any, TypeVar

LOGGER = logging.getLogger("staybook")
Function = TypeVar("Function", bound=Callable[..., Any])


def log_calls(
    *,
    secret: Collection[str] = (),
    logger: logging.Logger = LOGGER,
    clock: Callable[[], float] = time.perf_counter,
) -> Callable[[Function], Function]:
    """Make a decorator that writes one record to ``logger`` for each call.

    Arguments named in ``secret`` show as ``***``.
    """
    # TODO: return a decorator.
    raise NotImplementedError("TODO: log the calls")
