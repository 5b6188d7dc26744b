"""A cache whose answers grow old."""

import time
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
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

    def decorate(function: Function) -> Function:
        answers = OrderedDict()

        @wraps(function)
        def wrapper(*args, **kwargs):
            key = (args, tuple(sorted(kwargs.items())))
            if key in answers:
                value, made = answers.pop(key)
                if clock() - made < seconds:
                    answers[key] = value, made
                    return value
            value = function(*args, **kwargs)
            answers[key] = value, clock()
            if len(answers) > max_size:
                answers.popitem(last=False)
            return value

        return wrapper

    return decorate
