"""A decorator that logs calls."""

import functools
import inspect
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

    def decorate(function: Function) -> Function:
        call = Call(function, secret, logger, clock)
        if inspect.iscoroutinefunction(function):

            async def wrapper(*args, **kwargs):
                with call.begin(args, kwargs):
                    return await function(*args, **kwargs)
        else:

            def wrapper(*args, **kwargs):
                with call.begin(args, kwargs):
                    return function(*args, **kwargs)

        return functools.update_wrapper(wrapper, function)

    return decorate


class Call:
    """What is the same for all calls of one function."""

    def __init__(self, function, secret, logger, clock):
        self.function, self.secret, self.logger, self.clock = function, frozenset(secret), logger, clock
        self.names = list(inspect.signature(function).parameters)

    def begin(self, args, kwargs):
        given = dict(zip(self.names, args, strict=False)) | kwargs
        given.pop("self", None)
        parts = [
            f"{name}=" + ("***" if name in self.secret else f"{given[name]!r}") for name in self.names if name in given
        ]
        return Record(f"{self.function.__name__}({', '.join(parts)})", self.logger, self.clock)


class Record:
    """Writes its line when the call is left."""

    def __init__(self, text, logger, clock):
        self.text, self.logger, self.clock = text, logger, clock

    def __enter__(self):
        self.begun = self.clock()

    def __exit__(self, kind, error, traceback):
        seconds = self.clock() - self.begun
        if kind is None:
            self.logger.info("%s returned after %.3f s", self.text, seconds)
        else:
            self.logger.error("%s raised %s after %.3f s", self.text, kind.__name__, seconds)
