"""Three places that keep the theoretical arrival time of the GCRA: Redis, the database, this process.

The algorithm has one number for a caller: when the queue of what was admitted so far would be empty. Each request puts
it off by one interval; a request that would put it further off than a whole period is refused, and puts off nothing.
Each place decides and writes in one step, so that no two callers see the same number.
Source: ITU-T I.371, annex A (virtual scheduling).
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Protocol

from django.db import DatabaseError, connection
from redis.exceptions import RedisError

from staybook.common.line import Line

_SLACK = 0.01
"""Part of an interval that counts as none, so that sums of floats do not refuse the last request of a burst."""
_log = logging.getLogger(__name__)


class UnavailableError(Exception):
    """This place cannot count, now."""


class Counter(Protocol):
    """Somewhere that counts."""

    def take(self, key: str, interval_s: float, period_s: float) -> tuple[bool, float]:
        """Whether one more request is admitted, and the backlog in seconds afterwards. Raises UnavailableError."""
        ...


class MemoryCounter:
    """This process alone: for what may be counted roughly, and for when nothing else answers."""

    _MOST = 10_000

    def __init__(self) -> None:
        self._arrivals: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, key: str, interval_s: float, period_s: float) -> tuple[bool, float]:
        now = time.monotonic()
        with self._lock:
            if len(self._arrivals) > self._MOST:
                self._arrivals = {key: arrival for key, arrival in self._arrivals.items() if arrival > now}
            backlog = max(self._arrivals.get(key, 0.0) - now, 0.0)
            if backlog + interval_s > period_s + interval_s * _SLACK:
                return False, backlog
            self._arrivals[key] = now + backlog + interval_s
            return True, backlog + interval_s

    def forget(self) -> None:
        """Let everybody begin anew."""
        with self._lock:
            self._arrivals.clear()


class DatabaseCounter:
    """One row for a caller, changed by one statement. Call it outside transactions: it holds the row until COMMIT."""

    _NOW = {
        "postgresql": "extract(epoch FROM statement_timestamp())::float8",
        "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
    }
    _TAKE = """
        INSERT INTO traffic_ratebucket AS bucket (key, arrival) VALUES (%(key)s, {now} + %(interval)s)
        ON CONFLICT (key) DO UPDATE SET arrival = {greatest}(bucket.arrival, {now}) + %(interval)s
        WHERE {greatest}(bucket.arrival, {now}) + %(interval)s - {now} <= %(most)s
        RETURNING arrival - {now}
    """
    _LOOK = "SELECT arrival - {now} FROM traffic_ratebucket WHERE key = %(key)s"

    def take(self, key: str, interval_s: float, period_s: float) -> tuple[bool, float]:
        facts: dict[str, str | float] = {"key": key, "interval": interval_s, "most": period_s + interval_s * _SLACK}
        words = {
            "now": self._NOW[connection.vendor],
            "greatest": "max" if connection.vendor == "sqlite" else "greatest",
        }
        try:
            with connection.cursor() as cursor:
                cursor.execute(self._TAKE.format(**words), facts)
                if admitted := cursor.fetchone():
                    return True, admitted[0]
                cursor.execute(self._LOOK.format(**words), facts)
                row = cursor.fetchone()
        except DatabaseError as error:
            raise UnavailableError from error
        return False, max(row[0], 0.0) if row else period_s


class RedisCounter:
    """One key for a caller, changed by one script, which Redis runs to its end before anything else.

    After a failure, or ``patience_s`` without an answer, nobody asks for one second. The log says once that Redis is
    away, and once that it is back. What Redis counted is not known elsewhere: in the period of an outage a caller may
    be admitted up to twice the limit.
    """

    _SCRIPT = """
        local time = redis.call('TIME')
        local now = time[1] + time[2] / 1000000
        local interval, most = tonumber(ARGV[1]), tonumber(ARGV[2])
        local backlog = math.max(tonumber(redis.call('GET', KEYS[1]) or now) - now, 0)
        if backlog + interval > most then return {0, string.format('%.6f', backlog)} end
        backlog = backlog + interval
        redis.call('SET', KEYS[1], string.format('%.6f', now + backlog), 'PX', math.ceil(backlog * 1000))
        return {1, string.format('%.6f', backlog)}
    """
    _BREAK_S = 1.0

    def __init__(self, url: str, *, patience_s: float = 0.045) -> None:
        self._line = Line(url, patience_s=patience_s)
        self._resume_at = 0.0
        self._is_away = False

    def take(self, key: str, interval_s: float, period_s: float) -> tuple[bool, float]:
        if time.monotonic() < self._resume_at:
            raise UnavailableError
        try:
            most = period_s + interval_s * _SLACK
            admitted, backlog = self._line.run(self._SCRIPT, [f"rate:{key}"], interval_s, most)
        except RedisError as error:
            self._resume_at = time.monotonic() + self._BREAK_S
            if not self._is_away:
                self._is_away = True
                _log.warning("Redis is away: limits are counted elsewhere", extra={"error": type(error).__name__})
            raise UnavailableError from error
        if self._is_away:
            self._is_away = False
            _log.warning("Redis is back: limits are counted there")
        return bool(admitted), float(backlog)
