"""A cache whose answers grow old."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import partial, update_wrapper
from types import MethodType
from typing import Any, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

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
    return lambda function: _Cached(function, seconds, max_size, clock)


class _Answer(NamedTuple):
    value: Any
    expires: float


_Answers = OrderedDict[Hashable, _Answer]


class _Cached:
    """A function or a method with its answers; the one used last stands at the end."""

    def __init__(self, function, seconds, max_size, clock):
        update_wrapper(self, function)
        self._function, self._seconds, self._max_size, self._clock = function, seconds, max_size, clock
        self._answers: _Answers = OrderedDict()
        self._of_instances: WeakKeyDictionary[Any, _Answers] = WeakKeyDictionary()

    def __call__(self, *args, **kwargs):
        return self._answer(self._function, self._answers, *args, **kwargs)

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        answers = self._of_instances.setdefault(instance, OrderedDict())
        return partial(self._answer, MethodType(self._function, instance), answers)

    def _answer(self, function, answers, /, *args, **kwargs):
        key = (args, frozenset(kwargs.items()))
        if key not in answers or self._clock() >= answers[key].expires:
            try:
                value = function(*args, **kwargs)
            except Exception as error:
                value = error
            answers[key] = _Answer(value, self._clock() + self._seconds)
        answers.move_to_end(key)
        if len(answers) > self._max_size:
            answers.popitem(last=False)
        if isinstance(answers[key].value, Exception):
            raise answers[key].value
        return answers[key].value
