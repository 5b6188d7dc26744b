"""A cache whose answers grow old."""

import functools
import time
from collections import OrderedDict
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

    def answer(answers, function, args, kwargs):
        now = clock()
        for key in [key for key, (_, made) in answers.items() if now - made >= seconds]:
            del answers[key]
        key = (args, tuple(sorted(kwargs.items())))
        if key in answers:
            answers.move_to_end(key)
            return answers[key][0]
        value = function(*args, **kwargs)
        answers[key] = (value, now)
        while len(answers) > max_size:
            answers.popitem(last=False)
        return value

    class Cached:
        def __init__(self, function):
            functools.update_wrapper(self, function)
            self.function = function
            self.answers = OrderedDict()

        def __call__(self, *args, **kwargs):
            return answer(self.answers, self.function, args, kwargs)

        def __get__(self, instance, owner=None):
            if instance is None:
                return self
            name = f"_answers_of_{self.function.__name__}"
            answers = instance.__dict__.setdefault(name, OrderedDict())
            method = self.function.__get__(instance, owner)
            return lambda *args, **kwargs: answer(answers, method, args, kwargs)

    return Cached
