"""A SQLite database to throw away, which counts what is read from it."""

from __future__ import annotations

import atexit
import sqlite3
import tempfile
from functools import cache
from pathlib import Path
from typing import Any


class _CountingCursor(sqlite3.Cursor):
    """Tells its connection how many rows have left it, and when it was closed."""

    connection: SqliteDatabase

    def __next__(self) -> Any:
        row = super().__next__()
        self.connection.fetched += 1
        return row

    def fetchone(self) -> Any:
        return next(iter(self.fetchmany(1)), None)

    def fetchmany(self, size: int | None = None) -> list[Any]:
        rows = super().fetchmany(self.arraysize if size is None else size)
        self.connection.fetched += len(rows)
        return rows

    def fetchall(self) -> list[Any]:
        rows = super().fetchall()
        self.connection.fetched += len(rows)
        return rows

    def close(self) -> None:
        super().close()
        self.connection.opened.discard(self)


class SqliteDatabase(sqlite3.Connection):
    """An ordinary SQLite connection that also counts: rows ``fetched``, cursors ``opened`` and not closed."""

    fetched: int
    opened: set[_CountingCursor]
    path: Path

    def cursor(self, factory: Any = _CountingCursor) -> Any:
        cursor = super().cursor(factory)
        self.opened.add(cursor)
        return cursor

    def execute(self, *statement: Any) -> Any:
        # The original makes a plain cursor, whatever cursor() makes.
        return self.cursor().execute(*statement)

    def another(self) -> SqliteDatabase:
        """Open a second connection to the same database; it does not wait for locks."""
        return _open_sqlite(self.path)


def sqlite(script: str) -> SqliteDatabase:
    """Make a SQLite database of ``script`` in a file that goes away with the lesson."""
    connection = _open_sqlite(_scratch() / f"{len(list(_scratch().iterdir()))}.sqlite")
    connection.executescript(f"PRAGMA synchronous = off; {script}").close()
    return connection


def _open_sqlite(path: Path) -> SqliteDatabase:
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, factory=SqliteDatabase)
    connection.fetched, connection.opened, connection.path = 0, set(), path
    return connection


@cache
def _scratch() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="prodev-lesson-", ignore_cleanup_errors=True)
    atexit.register(folder.cleanup)
    return Path(folder.name)
