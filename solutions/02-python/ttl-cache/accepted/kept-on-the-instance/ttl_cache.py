"""A cache whose answers grow old."""

import time
from collections import OrderedDict
from collections.abc import Callable
from functools import update_wrapper
from types import MethodType
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

    class Cached:
        def __init__(self, function):
            update_wrapper(self, function)
            self.function = function
            self.answers = OrderedDict()

        def __set_name__(self, owner, name):
            self.name = name

        def __get__(self, instance, owner=None):
            if instance is None:
                return self
            # Python finds this one first from now on, as with functools.cached_property.
            vars(instance)[self.name] = Cached(MethodType(self.function, instance))
            return vars(instance)[self.name]

        def __call__(self, *args, **kwargs):
            key = (args, tuple(sorted(kwargs.items())))
            if key in self.answers:
                value, made = self.answers.pop(key)
                if clock() - made < seconds:
                    self.answers[key] = value, made
                    return value
            value = self.function(*args, **kwargs)
            self.answers[key] = value, clock()
            if len(self.answers) > max_size:
                del self.answers[next(iter(self.answers))]
            return value

    return Cached
