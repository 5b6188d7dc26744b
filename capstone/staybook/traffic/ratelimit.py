"""How often a caller may ask: exactly, however many ask at one moment, and wherever they are answered."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from staybook.config.env import env
from staybook.traffic.counters import Counter, DatabaseCounter, MemoryCounter, RedisCounter, UnavailableError


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request is admitted, and what is left.

    ``retry_after_s`` is 0 for one that is admitted; ``reset_s`` is when the whole limit is free again.
    """

    allowed: bool
    limit: int
    remaining: int
    retry_after_s: int
    reset_s: int


class Limiter:
    """Counts in the first of its counters that can."""

    def __init__(self, counters: Sequence[Counter]) -> None:
        self._counters = counters

    def admit(self, key: str, *, limit: int, period_s: int) -> Verdict:
        """Count one request of ``key`` against ``limit`` in ``period_s``; a refused one costs nothing."""
        interval_s = period_s / limit
        allowed, backlog_s = self._take(key, interval_s, period_s)
        backlog_s = min(backlog_s, period_s)  # floats of a clock that stood still may add up to a little more
        remaining = math.floor((period_s - backlog_s) / interval_s + 0.02)
        wait_s = 0 if allowed else max(math.ceil(backlog_s + interval_s - period_s), 1)
        return Verdict(allowed, limit, max(remaining, 0), wait_s, math.ceil(backlog_s))

    def _take(self, key: str, interval_s: float, period_s: float) -> tuple[bool, float]:
        for counter in self._counters:
            try:
                return counter.take(key, interval_s, period_s)
            except UnavailableError:
                continue
        raise UnavailableError(key)


_redis = [RedisCounter(env.redis_url)] if env.redis_url else []
_memory = MemoryCounter()
_exact = Limiter([*_redis, DatabaseCounter(), _memory])
_rough = Limiter([*_redis, _memory])


def admit(key: str, *, limit: int, period_s: int) -> Verdict:
    """Count one request of ``key``, exactly, for all processes together: in Redis, or without it in the database.

    Call it outside transactions. When neither answers, this process counts for itself.
    """
    return _exact.admit(key, limit=limit, period_s=period_s)


def admit_roughly(key: str, *, limit: int, period_s: int) -> Verdict:
    """As ``admit``; but without Redis each process counts for itself, so that no read writes to the database."""
    return _rough.admit(key, limit=limit, period_s=period_s)


def forget() -> None:
    """Forget what this process counted for itself."""
    _memory.forget()
