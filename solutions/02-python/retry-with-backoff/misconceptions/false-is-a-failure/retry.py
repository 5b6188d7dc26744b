"""Call again what may heal by itself."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


class GaveUp(Exception):
    """The operation failed at every try, or the next try would have come too late."""


def retry(
    operation: Callable[[], Result],
    *,
    transient: tuple[type[Exception], ...] = (ConnectionError, TimeoutError),
    attempts: int = 4,
    base_s: float = 0.1,
    cap_s: float = 2.0,
    deadline_s: float = 10.0,
    sleep: Callable[[float], object] = time.sleep,
    draw: Callable[[], float] = random.random,
    clock: Callable[[], float] = time.monotonic,
) -> Result:
    """Return what ``operation()`` returns, trying again after a ``transient`` error.

    Raises GaveUp, caused by the last error, after ``attempts`` tries or ``deadline_s`` seconds.
    Every other error leaves at once, as it is.
    """
    too_late = clock() + deadline_s
    last_error = None
    for tried in range(attempts):
        try:
            result = operation()
            if result:
                return result
        except transient as error:
            last_error = error
        wait = draw() * min(cap_s, base_s * 2**tried)
        if tried + 1 == attempts or clock() + wait > too_late:
            break
        sleep(wait)
    raise GaveUp("gave up") from last_error
