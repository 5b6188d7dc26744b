"""What a function holds while it runs."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any, NamedTuple


class Peak(NamedTuple):
    """What a function returned, and the most memory (bytes) that it held at once."""

    result: Any
    size: int


def peak(function: Callable[..., Any], *given: Any) -> Peak:
    """Call ``function`` and watch the memory that Python hands out to it."""
    tracemalloc.start()
    try:
        result = function(*given)
        return Peak(result, tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()
