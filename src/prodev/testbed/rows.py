"""Rows put into a database quickly, as the candidate's role."""

from __future__ import annotations

import functools
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg import sql

if TYPE_CHECKING:
    from prodev.testbed.engine import Connection

Row = Mapping[str, object]

_FEW_PAGES = 8
"""So few that the dead rows which deleting leaves behind do not show in the pages that a plan counts."""
_REACHED = """
    WITH RECURSIVE reached (oid) AS (
        SELECT root::regclass::oid FROM unnest(%(roots)s::text[]) AS root
        UNION
        SELECT conrelid FROM pg_constraint JOIN reached ON confrelid = reached.oid WHERE contype = 'f'
    )
    SELECT oid::regclass::text, array_position(%(roots)s::text[]::regclass[]::oid[], oid), pg_relation_size(oid) / 8192,
           relkind <> 'r' OR relhassubclass OR relhasrules OR relforcerowsecurity
           OR EXISTS (SELECT FROM pg_constraint WHERE conrelid = oid AND contype = 'f' AND confdeltype = 'r')
           OR EXISTS (SELECT FROM pg_trigger WHERE tgrelid = oid AND NOT tgisinternal),
           ARRAY(SELECT ARRAY[attname, sequence]
                 FROM pg_attribute, pg_get_serial_sequence(pg_class.oid::regclass::text, attname) AS sequence
                 WHERE attrelid = pg_class.oid AND attnum > 0 AND (atthasdef OR attidentity <> '')
                   AND NOT attisdropped AND sequence IS NOT NULL)
    FROM reached JOIN pg_class USING (oid)
"""
"""Tables to be emptied: name, place among the roots, pages, whether a plain DELETE could be refused or do more than
delete, and the columns that are serial or identity, each with its sequence as SQL spells it.
"""
_RESTARTED = "SELECT setval(seqrelid, seqstart, false) FROM pg_sequence WHERE seqrelid = ANY(%s::text[]::regclass[])"


@dataclass(frozen=True, slots=True)
class _Owned:
    """A sequence, and the column that owns it; ``place``: of its table among those to be filled, from 1."""

    table: str
    place: int | None
    column: str
    sequence: str
    is_watched: bool
    """Whether the table has triggers or rules, which could have stored other values than it was given."""


def load(connection: Connection, tables: Mapping[str, Sequence[Row]]) -> None:
    """Empty every table named, fill it in the order given, and bring its sequences and statistics up to date.

    The caller commits. Only the candidate's role may do this: a candidate's trigger runs as whoever inserts.
    """
    names = [_identifier(table).as_string(connection) for table in tables]
    if not names:
        return
    owned = _empty(connection, names)
    for table, given in tables.items():
        for columns, group in itertools.groupby(given, key=tuple):
            _copy(connection, table, columns, group)
    _advance(connection, owned, list(tables.values()))
    connection.execute(f"ANALYZE {', '.join(names)}".encode())


def _empty(connection: Connection, roots: Sequence[str]) -> list[_Owned]:
    """Remove every row of the tables and of those that refer to them; return their sequences, which begin again.

    ``roots`` names the tables as SQL spells them. TRUNCATE makes new files for each table and index, which costs
    more than deleting a few pages of rows.
    """
    reached = connection.execute(_REACHED, {"roots": list(roots)}).fetchall()
    owned = [
        _Owned(table, place, column, sequence, is_watched)
        for table, place, _, is_watched, columns in reached
        for column, sequence in columns
    ]
    deleted = [table for table, _, pages, _, _ in reached if pages]
    if any(pages > _FEW_PAGES or is_watched for _, _, pages, is_watched, _ in reached):
        connection.execute(f"TRUNCATE {', '.join(roots)} CASCADE".encode())
        deleted = []
    connection.execute(f"{deleting(deleted)} {_RESTARTED}", [[each.sequence for each in owned]])
    return owned


def deleting(tables: Sequence[str]) -> str:
    """Begin a statement that removes every row of ``tables``, spelt as in SQL, before it does what follows.

    One statement deletes from all of them, since foreign keys are checked when it ends.
    """
    deletes = [f"d{number} AS (DELETE FROM {table})" for number, table in enumerate(tables)]
    return f"WITH {', '.join(deletes)}" if deletes else ""


def _identifier(table: str) -> sql.Identifier:
    """Quote ``table``, which may carry its schema before a dot."""
    return sql.Identifier(*table.split("."))


def _copy(connection: Connection, table: str, columns: tuple[str, ...], group: Any) -> None:
    """Insert rows that have the same columns."""
    if not columns:
        for _ in group:
            connection.execute(sql.SQL("INSERT INTO {} DEFAULT VALUES").format(_identifier(table)))
        return
    with connection.cursor() as cursor, cursor.copy(_copying(table, columns)) as copy:
        for row in group:
            copy.write_row([json.dumps(value) if isinstance(value, dict) else value for value in row.values()])


@functools.lru_cache
def _copying(table: str, columns: tuple[str, ...]) -> bytes:
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("COPY {} ({}) FROM STDIN").format(_identifier(table), listed).as_bytes(None)


def _advance(connection: Connection, owned: Sequence[_Owned], filled: Sequence[Sequence[Row]]) -> None:
    """Move the sequences past the largest value that was loaded; one that made all values itself stays."""
    moves = []
    for each in owned:
        given = filled[each.place - 1] if each.place else []
        values = [row[each.column] for row in given if each.column in row]
        if len(values) == len(given) and set(map(type, values)) == {int} and not each.is_watched:
            moves.append(sql.SQL("setval({}, {})").format(each.sequence, max(values)))  # type: ignore[type-var]
        elif values or (given and each.is_watched):
            largest = sql.SQL("(SELECT max({}) FROM {})").format(sql.Identifier(each.column), sql.SQL(each.table))
            moves.append(sql.SQL("setval({}, {})").format(each.sequence, largest))
    if moves:
        connection.execute(sql.SQL("SELECT {}").format(sql.SQL(", ").join(moves)))
