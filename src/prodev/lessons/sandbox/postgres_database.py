"""A PostgreSQL database to throw away, on whatever engine serves."""

from __future__ import annotations

import atexit
import os
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import psycopg

from prodev.lessons.sandbox.files import lesson_file
from prodev.lessons.sandbox.tables import Table
from prodev.testbed import Plan, find_engine

if TYPE_CHECKING:
    from prodev.testbed import Engine, Template


@dataclass(frozen=True)
class ShownPlan(Plan):
    """A plan that shows itself the way EXPLAIN writes it, without what differs from run to run."""

    text: str

    def __repr__(self) -> str:
        return self.text


class PostgresDatabase:
    """A PostgreSQL database of the lesson's own; it is dropped when the kernel ends."""

    def __init__(self, template: Template) -> None:
        self._lease = engine().lease(template)
        self.url = self._lease.url
        self._connection = self.connect()
        atexit.register(self.close)

    def close(self) -> None:
        """Drop the database, whoever is connected to it."""
        atexit.unregister(self.close)
        self._connection.close()
        engine().release(self._lease)

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        """Open another connection, on which every statement commits by itself."""
        return psycopg.connect(self.url, autocommit=True)

    def sql(self, text: str, **values: object) -> Table:
        """Run ``text`` and return the rows of its last statement; ``%(name)s`` stands for the value ``name``."""
        cursor = self._connection.execute(text.encode(), values or None)
        while cursor.nextset():
            pass
        if cursor.description is None:
            return Table([(cursor.statusmessage,)], ["done"])
        return Table(cursor.fetchall(), [column.name for column in cursor.description])

    def plan(self, text: str) -> ShownPlan:
        """Run ``text`` under EXPLAIN (ANALYZE, BUFFERS) and return its plan, for reading and for counting."""
        self._explain(text, "FORMAT JSON")  # a session's first run also reads the catalogue
        raw = self._explain(text, "FORMAT JSON")[0][0][0]
        return ShownPlan(raw, _same_everywhere([line for (line,) in self._explain(text, "FORMAT TEXT")]))

    def _explain(self, text: str, form: str) -> list[tuple[Any, ...]]:
        options = f"ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, SUMMARY OFF, {form}"
        return self._connection.execute(f"EXPLAIN ({options}) {text}".encode()).fetchall()


def _same_everywhere(plan: list[str]) -> str:
    """Take out of a plan's text what depends on the version, and on what happened to be cached."""
    kept: list[str] = []
    for line in plan:
        if line.startswith("Planning:"):
            break
        if "Index Searches:" not in line:
            line = re.sub(r"rows=(\d+)\.00", r"rows=\1", line)
            kept.append(re.sub(r"(?<=Buffers: )shared( \w+=\d+)+", _hit_or_read, line))
    return "\n".join(kept)


def _hit_or_read(found: re.Match[str]) -> str:
    pages = re.findall(r"(?:hit|read)=(\d+)", found[0])
    return f"shared={sum(map(int, pages))}"


def postgres(script: str = "") -> PostgresDatabase:
    """Make a PostgreSQL database of the SQL file ``modules/*/files/<script>``; empty without one."""
    build = lesson_file(script).read_text(encoding="utf-8") if script else ""
    return PostgresDatabase(engine().template(f"lesson {script}", build))


@cache
def engine() -> Engine:
    """Return the Postgres that serves this kernel."""
    return find_engine(os.environ)
