"""Redis, asked without redis-py's client and its pool, which cost most of the CPU of a question.

Each thread has a connection of its own. What the pool does besides is done here: a connection that the server has
closed, or that the process has from its parent, is not asked.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Sequence
from functools import cache, partial
from typing import Any

from redis import ConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError
from redis.retry import Retry

Word = str | bytes | int | float


class Line:
    """To the Redis at ``url``, which has ``patience_s`` to be connected, and again for each answer.

    Every question raises RedisError when it has none in time, or refuses. Nothing is asked twice.
    """

    def __init__(self, url: str, *, patience_s: float) -> None:
        limits: dict[str, Any] = {"socket_timeout": patience_s, "socket_connect_timeout": patience_s}
        greeting: dict[str, Any] = {"protocol": 2, "driver_info": None}  # each word of it would have a patience
        pool = ConnectionPool.from_url(url, retry=Retry(NoBackoff(), 0), **limits, **greeting)
        self._new = partial(pool.connection_class, **pool.connection_kwargs)
        self._mine = threading.local()

    def ask(self, *command: Word) -> Any:
        """The answer to one command, in bytes where Redis has text."""
        connection = self._connection()
        connection.send_command(*command)
        return connection.read_response()

    def ask_all(self, *commands: Sequence[Word]) -> list[Any]:
        """The answers to commands that are sent together; the first that is refused is raised."""
        connection = self._connection()
        connection.send_packed_command(connection.pack_commands(commands))
        try:
            return [connection.read_response() for _ in commands]
        except RedisError:
            connection.disconnect()  # what it has not told yet is no answer to the next question
            raise

    def run(self, script: str, keys: Sequence[str], *arguments: Word) -> Any:
        """The answer of a script in Lua, which Redis runs to its end before anything else."""
        rest: list[Word] = [len(keys), *keys, *arguments]
        try:
            return self.ask("EVALSHA", _digest(script), *rest)
        except NoScriptError:
            return self.ask("EVAL", script, *rest)

    def _connection(self) -> Any:
        mine, process = self._mine, os.getpid()
        if getattr(mine, "process", None) != process:
            mine.connection, mine.process = self._new(), process
        elif _is_stale(mine.connection):
            mine.connection.disconnect()
        return mine.connection


def _is_stale(connection: Any) -> bool:
    """Whether Redis has said something that nobody asked for: mostly its end."""
    try:
        return bool(connection.is_connected and connection.can_read())
    except (RedisError, OSError):
        return True


@cache
def _digest(script: str) -> str:
    return hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
