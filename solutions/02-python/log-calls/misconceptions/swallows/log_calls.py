"""A decorator that logs calls."""

import inspect
import logging
import time
from collections.abc import Callable, Collection
from functools import wraps
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

    def decorate(function: Function) -> Function:
        signature = inspect.signature(function)

        @wraps(function)
        def wrapper(*args, **kwargs):
            call = f"{function.__name__}({_shown(signature.bind(*args, **kwargs).arguments, secret)})"
            begun = clock()
            try:
                value = function(*args, **kwargs)
            except BaseException as error:
                logger.error(f"{call} raised {type(error).__name__} after {clock() - begun:.3f} s")
                return None
            logger.info(f"{call} returned after {clock() - begun:.3f} s")
            return value

        @wraps(function)
        async def async_wrapper(*args, **kwargs):
            call = f"{function.__name__}({_shown(signature.bind(*args, **kwargs).arguments, secret)})"
            begun = clock()
            try:
                value = await function(*args, **kwargs)
            except BaseException as error:
                logger.error(f"{call} raised {type(error).__name__} after {clock() - begun:.3f} s")
                return None
            logger.info(f"{call} returned after {clock() - begun:.3f} s")
            return value

        return async_wrapper if inspect.iscoroutinefunction(function) else wrapper

    return decorate


def _shown(arguments: dict[str, Any], secret: Collection[str]) -> str:
    """Spell arguments as in a call, without ``self`` and without the value of a secret."""
    return ", ".join(
        f"{name}={'***' if name in secret else repr(value)}" for name, value in arguments.items() if name != "self"
    )
