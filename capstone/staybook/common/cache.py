"""Answers that are kept for a minute in Redis, and are never older than the last change that was announced.

An entry carries the generations of the names that it was made under; ``bump(name)`` gives that name a new one, and
every entry under the old is worth nothing. Generations are read before the answer is made, so an answer that was
made while something changed is never served. A generation is a new random token rather than a number: an evicted
one comes back as another, and no old entry can match.

Redis may be slow or away: after 50 ms the answer is made without it, and for one second nobody asks again.
"""

from __future__ import annotations

import logging
import random
import time
import uuid
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple, TypeVar

from redis.exceptions import RedisError

from staybook.common.line import Line
from staybook.config.env import env

T = TypeVar("T")

PATIENCE_S = 0.05
BREAK_S = 1.0
STALE_S = 5.0
_CLAIM_S = 5.0
_POLL_S = 0.02
_GENERATION_S = 24 * 3600
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"
_BUMP = "for _, key in ipairs(KEYS) do redis.call('SET', key, ARGV[1], 'EX', ARGV[2]) end"
_log = logging.getLogger(__name__)


class _AwayError(Exception):
    """Redis does not answer, or there is none."""


class _Entry(NamedTuple):
    body: bytes
    is_fresh: bool


class Cache:
    """What the module's functions do, for the Redis at ``url``; an empty ``url`` is none, and nothing is kept."""

    def __init__(self, url: str) -> None:
        self._line = Line(url, patience_s=PATIENCE_S) if url else None
        self._resume_at = 0.0

    def remember(self, key: str, ttl_s: float, make: Callable[[], bytes], *, under: Sequence[str] = ()) -> bytes:
        """The bytes kept for ``key``, or those of ``make``, kept for about ``ttl_s``. Raises what ``make`` raises.

        One caller at a time makes them. Meanwhile the others are given what ran out less than five seconds ago,
        unless a name in ``under`` was bumped; without that they wait.
        """
        until = time.monotonic() + _CLAIM_S
        try:
            while True:
                _, entry = self._read(key, under)
                if entry and entry.is_fresh:
                    return entry.body
                if claim := self._claim(key):
                    return self._make(key, ttl_s, make, under, claim)
                if entry:
                    return entry.body
                if time.monotonic() > until:
                    return make()
                time.sleep(_POLL_S)
        except _AwayError:
            return make()

    def _make(self, key: str, ttl_s: float, make: Callable[[], bytes], under: Sequence[str], claim: str) -> bytes:
        """Make and keep the bytes, unless somebody did between our last look and our claim. Raises as ``make``."""
        try:
            stamp, entry = self._read(key, under)
            if entry and entry.is_fresh:
                self._release(key, claim)
                return entry.body
            body = make()
        except BaseException:
            self._release(key, claim)
            raise
        self._write(key, stamp, body, ttl_s, claim)
        return body

    def bump(self, *names: str) -> bool:
        """Make everything worthless that was made under ``names``; False when Redis could not be told."""
        if self._line is None:
            return True
        keys, fresh = [_generation_key(name) for name in names], uuid.uuid4().hex
        try:
            self._ask(lambda line: line.run(_BUMP, keys, fresh, _GENERATION_S), even_in_a_break=True)
        except _AwayError:
            return False
        return True

    def generation(self, name: str) -> str:
        """The token that ``name`` has now; empty without Redis."""
        try:
            return self._stamp([name], self._ask(lambda line: line.ask("MGET", _generation_key(name))))
        except _AwayError:
            return ""

    def _read(self, key: str, under: Sequence[str]) -> tuple[str, _Entry | None]:
        keys = [f"entry:{key}", *map(_generation_key, under)]
        raw, *generations = self._ask(lambda line: line.ask("MGET", *keys))
        stamp = self._stamp(under, generations)
        if raw is None:
            return stamp, None
        head, _, body = raw.partition(b"\n")
        fresh_until, _, made_under = head.decode().partition(" ")
        return stamp, _Entry(body, time.time() < float(fresh_until)) if made_under == stamp else None

    def _stamp(self, names: Sequence[str], generations: Sequence[bytes | None]) -> str:
        """The generations as one word; a name without one is given it, by whoever comes first."""
        found = []
        for name, generation in zip(names, generations, strict=True):
            found.append((generation or self._begin(_generation_key(name))).decode())
        return ",".join(found)

    def _begin(self, key: str) -> bytes:
        token = uuid.uuid4().hex
        self._ask(lambda line: line.ask("SET", key, token, "NX", "EX", _GENERATION_S))
        kept: bytes | None = self._ask(lambda line: line.ask("GET", key))
        return kept or token.encode()

    def _claim(self, key: str) -> str:
        token = uuid.uuid4().hex
        won = self._ask(lambda line: line.ask("SET", f"claim:{key}", token, "NX", "PX", int(_CLAIM_S * 1000)))
        return token if won else ""

    def _release(self, key: str, claim: str) -> None:
        try:
            self._ask(lambda line: line.run(_RELEASE, [f"claim:{key}"], claim))
        except _AwayError:
            pass  # the claim ends by itself

    def _write(self, key: str, stamp: str, body: bytes, ttl_s: float, claim: str) -> None:
        """Keep the bytes and end the claim, in one round trip."""
        ttl_s *= random.uniform(0.9, 1.1)  # spreads the ends of entries that were made together
        entry = f"{time.time() + ttl_s:.3f} {stamp}\n".encode() + body

        keep = ("SET", f"entry:{key}", entry, "PX", int((ttl_s + STALE_S) * 1000))
        end = ("EVAL", _RELEASE, 1, f"claim:{key}", claim)
        try:
            self._ask(lambda line: line.ask_all(keep, end))
        except _AwayError:
            pass

    def _ask(self, question: Callable[[Line], T], *, even_in_a_break: bool = False) -> T:
        if self._line is None or (time.monotonic() < self._resume_at and not even_in_a_break):
            raise _AwayError
        try:
            return question(self._line)
        except RedisError as error:
            self._resume_at = time.monotonic() + BREAK_S
            _log.warning("redis is away", extra={"error": type(error).__name__})
            raise _AwayError from error


def _generation_key(name: str) -> str:
    return f"generation:{name}"


@cache
def _of_settings() -> Cache:
    return Cache(env.redis_url)


def remember(key: str, ttl_s: float, make: Callable[[], bytes], *, under: Sequence[str] = ()) -> bytes:
    """``Cache.remember`` with the Redis of ``REDIS_URL``."""
    return _of_settings().remember(key, ttl_s, make, under=under)


def bump(*names: str) -> bool:
    """``Cache.bump`` with the Redis of ``REDIS_URL``."""
    return _of_settings().bump(*names)


def generation(name: str) -> str:
    """``Cache.generation`` with the Redis of ``REDIS_URL``."""
    return _of_settings().generation(name)
