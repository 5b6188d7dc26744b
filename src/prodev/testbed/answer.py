"""A candidate's SQL text, run statement by statement in a transaction of the judge's."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import pq, sql

from prodev.testbed import sqltext, transactions
from prodev.testbed.plan import Plan
from prodev.testbed.refusals import as_refused
from prodev.testbed.refused import SqlRefused
from prodev.testbed.sqltext import Statement

if TYPE_CHECKING:
    from prodev.testbed.engine import Connection

PATIENCE_S = 15.0
"""For a whole text, by the judge's clock; one statement has 10 seconds by the server's, unless it sets another."""

PATIENCE_LEFT_S = 1.0
"""For each further text of a candidate, once one was cut off."""

MOST_ROWS = 200_000
LONGEST_VALUE = 1_000_000
"""Characters, or bytes."""

_EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, SUMMARY OFF, FORMAT JSON) "
_STREAMS = ("stdin", "stdout")


@dataclass(slots=True)
class Patience:
    """How long the texts of one candidate may take."""

    is_spent: bool = False

    @property
    def seconds(self) -> float:
        return PATIENCE_LEFT_S if self.is_spent else PATIENCE_S


@dataclass(frozen=True, slots=True)
class Result:
    """The last result set of a text; both lists are empty where no statement returned rows."""

    columns: list[str]
    rows: list[tuple[Any, ...]]


@dataclass(slots=True)
class _Sent:
    """A statement as the server gets it, and the way back to the learner's text."""

    text: str
    start: int
    put_in: list[tuple[int, int, int, int]] = field(default_factory=list)
    """For each value put in: from and to in ``text``, from and to in the learner's text."""

    def offset(self, position: int) -> int:
        """Return the offset in the learner's text of the server's ``position``, which counts from 1."""
        at = position - 1
        near, here = 0, self.start
        for start, end, original_start, original_end in self.put_in:
            if start <= at < end:
                return original_start
            if end <= at:
                near, here = end, original_end
        return here + at - near


def run(connection: Connection, text: str, params: Mapping[str, object], *, commit: bool, patience: Patience) -> Result:
    """Run ``text`` on a connection in autocommit and return its last result set.

    With ``commit``, a text of one statement, or one that has transactions of its own, runs as psql would
    run it; any other is one transaction.

    Raises ``SqlRefused``.
    """
    parts = _statements(text)
    plain = commit and (len(parts) == 1 or any(transactions.control_of(part) for part in parts))
    session = transactions.Real(connection) if plain else transactions.Enclosed(connection, commit=commit)
    result = Result([], [])
    filled = [_filled(connection, part, params) for part in parts]
    done: list[_Sent] = []
    with _translated(connection, text, done), _limited(connection, patience):
        session.begin(parts[0])
        for part, sent in zip(parts, filled, strict=True):
            done.append(sent)
            if not session.controls(part):
                result = _execute(connection, sent.text) or result
        session.end()
    return result


def explain(connection: Connection, text: str, params: Mapping[str, object], *, patience: Patience) -> Plan:
    """Run the one statement of ``text`` under EXPLAIN ANALYZE and roll it back.

    Raises ``SqlRefused``.
    """
    parts = _statements(text)
    if len(parts) > 1:
        raise SqlRefused(
            "here is a second statement", sql=text, offset=parts[1].start, advice="Only one query has a plan: give one."
        )
    if parts[0].words[:1] == ("explain",):
        raise SqlRefused("EXPLAIN is put before it for you", sql=text, offset=parts[0].start, advice="Give the query.")
    done = [_filled(connection, parts[0], params, prefix=_EXPLAIN)]
    with _translated(connection, text, done), _limited(connection, patience):
        plan = _explained(connection, done[0].text)
        if all(node["Node Type"] != "ModifyTable" for node in plan.nodes()):
            # A session's first run also reads the catalogue; the second counts the query's own pages alone.
            plan = _explained(connection, done[0].text)
    return plan


def _explained(connection: Connection, text: str) -> Plan:
    connection.execute(b"BEGIN")
    result = _execute(connection, text)
    connection.execute(b"ROLLBACK")
    assert result is not None, "EXPLAIN returns a row"
    return Plan(result.rows[0][0][0])


def clean(connection: Connection) -> None:
    """Leave the session as it was when it was new, or closed."""
    try:
        if connection.info.transaction_status != pq.TransactionStatus.IDLE:
            connection.execute(b"ROLLBACK")
        connection.execute(b"DISCARD ALL")
    except psycopg.Error:
        connection.close()


def _statements(text: str) -> list[Statement]:
    """Cut ``text``, and refuse what cannot be run here."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise SqlRefused("it is not UTF-8 text", sql=text, offset=error.start, advice="Save the file again.") from None
    if "\0" in text:
        raise SqlRefused("it holds a NUL character", sql=text, offset=text.index("\0"), advice="Delete it.")
    parts = sqltext.statements(text.replace("\ufeff", " "))  # the mark that some editors put before UTF-8
    if not parts:
        what = "there are only comments in it" if text.strip() else "it is empty"
        raise SqlRefused(what, advice="Write your query where the file says TODO, and save it.")
    for part in parts:
        if part.words[:1] == ("copy",) and _uses_streams(part):
            raise SqlRefused(
                "COPY cannot read or write the client's streams here",
                sql=text, offset=part.start, advice="Use INSERT … SELECT, or a plain SELECT.",
            )  # fmt: skip
        if "prepared" in part.words[:2] or part.words[:2] == ("prepare", "transaction"):
            raise SqlRefused(
                "prepared transactions outlive their session", sql=text, offset=part.start, advice="Use COMMIT."
            )
    return parts


def _uses_streams(copy: Statement) -> bool:
    """Tell whether a COPY reads or writes the client's own streams."""
    return any(token.kind == "word" and token.text.lower() in _STREAMS for token in sqltext.tokens(copy.text))


def _filled(connection: Connection, part: Statement, params: Mapping[str, object], *, prefix: str = "") -> _Sent:
    """Put the values of ``params`` in place of their names."""
    sent = _Sent(prefix, part.start, [(0, len(prefix), part.start, part.start)] if prefix else [])
    for token in sqltext.tokens(part.text):
        piece = token.text
        if token.kind == "name" and piece[1:] in params:
            piece = sql.Literal(params[piece[1:]]).as_string(connection)
            start, end = part.start + token.start, part.start + token.start + len(token.text)
            sent.put_in.append((len(sent.text), len(sent.text) + len(piece), start, end))
        sent.text += piece
    return sent


def _execute(connection: Connection, text: str) -> Result | None:
    """Run one statement and return its rows, ``None`` where it has none.

    Streaming bounds what we hold in memory, and uses the protocol that takes one statement at a time, so
    that a text which we cut wrongly cannot smuggle in a COMMIT.
    """
    found: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        try:
            for row in cursor.stream(text.encode()):
                found.append(row)
                if any(isinstance(value, str | bytes) and len(value) > LONGEST_VALUE for value in row):
                    raise SqlRefused(
                        f"a value that it returned is longer than {LONGEST_VALUE:,} characters",
                        advice="Return the columns that the task names, and nothing put together from many rows.",
                    )
                if len(found) > MOST_ROWS:
                    raise SqlRefused(
                        f"it returned more than {MOST_ROWS:,} rows",
                        advice="Is a join condition missing? Every row of one table then meets every row of the other.",
                    )
        except psycopg.ProgrammingError as error:
            if error.sqlstate is not None:
                raise
            return None  # psycopg's own complaint that a statement such as CREATE TABLE has no rows to stream
        return Result([column.name for column in cursor.description or ()] or _described(connection, text), found)


def _described(connection: Connection, text: str) -> list[str]:
    """The columns of a result without rows, of which a stream tells nothing: the server's plan for it knows them."""
    wire = connection.pgconn
    wire.prepare(b"", text.encode())
    plan = wire.describe_prepared(b"")
    return [(plan.fname(number) or b"").decode("utf-8", "replace") for number in range(plan.nfields)]


@contextmanager
def _translated(connection: Connection, text: str, done: list[_Sent]) -> Iterator[None]:
    """Turn an error of the database into a message for the learner, placed in ``text``."""
    try:
        yield
    except psycopg.Error as error:
        position = error.diag.statement_position
        offset = None
        if done:
            offset = done[-1].offset(int(position)) if position else done[-1].start
        raise as_refused(error, connection=connection, sql=text, offset=offset) from error


@contextmanager
def _limited(connection: Connection, patience: Patience) -> Iterator[None]:
    """Cancel what runs when the judge's patience ends."""
    clock = threading.Timer(patience.seconds, _cancel, [connection, patience])
    clock.daemon = True
    clock.start()
    try:
        yield
    except psycopg.errors.QueryCanceled:  # by us, or by the server's own clock
        patience.is_spent = True
        raise
    finally:
        clock.cancel()


def _cancel(connection: Connection, patience: Patience) -> None:
    """Stop what runs; where the server does not even take that, cut the connection."""
    patience.is_spent = True
    try:
        connection.cancel_safe(timeout=5)
    except psycopg.Error:
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as wire:
            wire.shutdown(socket.SHUT_RDWR)
