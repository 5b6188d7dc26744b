"""Rows put into a database quickly, as the candidate's role."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from psycopg import sql

if TYPE_CHECKING:
    from prodev.testbed.engine import Connection

Row = Mapping[str, object]

_SEQUENCES = """
    SELECT attribute.attname, pg_get_serial_sequence(%(table)s, attribute.attname)
    FROM pg_attribute AS attribute
    WHERE attribute.attrelid = %(table)s::regclass AND attnum > 0 AND NOT attisdropped
      AND pg_get_serial_sequence(%(table)s, attribute.attname) IS NOT NULL
"""

_RESTART = "SELECT setval(seqrelid, seqstart, false) FROM pg_sequence WHERE seqrelid = %s::regclass"
_FEW_PAGES = 8
"""So few that the dead rows which deleting leaves behind do not show in the pages that a plan counts."""
_REACHED = """
    WITH RECURSIVE reached (oid) AS (
        SELECT root::regclass::oid FROM unnest(%(roots)s::text[]) AS root
        UNION
        SELECT conrelid FROM pg_constraint JOIN reached ON confrelid = reached.oid WHERE contype = 'f'
    )
    SELECT oid::regclass::text, pg_relation_size(oid) / 8192,
           EXISTS (SELECT FROM pg_constraint WHERE conrelid = oid AND contype = 'f' AND confdeltype = 'r')
           OR EXISTS (SELECT FROM pg_trigger WHERE tgrelid = oid AND NOT tgisinternal)
           OR (SELECT relkind <> 'r' OR relhassubclass OR relhasrules OR relforcerowsecurity
               FROM pg_class WHERE pg_class.oid = reached.oid)
    FROM reached
"""
"""Tables to be emptied: name, pages, and whether a plain DELETE could be refused or do more than delete."""


def load(connection: Connection, tables: Mapping[str, Sequence[Row]]) -> None:
    """Empty every table named, fill it in the order given, and bring its sequences and statistics up to date.

    The caller commits. Only the candidate's role may do this: a candidate's trigger runs as whoever inserts.
    """
    names = [_identifier(table) for table in tables]
    if not names:
        return
    _empty(connection, names)
    for table, given in tables.items():
        for columns, group in itertools.groupby(given, key=tuple):
            _copy(connection, table, columns, group)
        if given:
            _advance(connection, table)
    connection.execute(sql.SQL("ANALYZE {}").format(sql.SQL(", ").join(names)))


def _empty(connection: Connection, names: Sequence[sql.Identifier]) -> None:
    """Remove every row of the tables and of those that refer to them.

    TRUNCATE makes new files for each table and index, which costs more than deleting a few pages of rows.
    One statement deletes from all of them, since foreign keys are checked when it ends.
    """
    roots = [name.as_string(connection) for name in names]
    reached = connection.execute(_REACHED, {"roots": roots}).fetchall()
    if any(pages > _FEW_PAGES or restricts for _, pages, restricts in reached):
        connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(sql.SQL(", ").join(names)))
        return
    deletes = [
        sql.SQL("{} AS (DELETE FROM {})").format(sql.Identifier(f"d{number}"), sql.SQL(table))
        for number, (table, _, _) in enumerate(reached)
    ]
    connection.execute(sql.SQL("WITH {} SELECT").format(sql.SQL(", ").join(deletes)))
    for table, _, _ in reached:
        for _, sequence in connection.execute(_SEQUENCES, {"table": table}).fetchall():
            connection.execute(_RESTART, [sequence])


def _identifier(table: str) -> sql.Identifier:
    """Quote ``table``, which may carry its schema before a dot."""
    return sql.Identifier(*table.split("."))


def _copy(connection: Connection, table: str, columns: tuple[str, ...], group: Any) -> None:
    """Insert rows that have the same columns."""
    if not columns:
        for _ in group:
            connection.execute(sql.SQL("INSERT INTO {} DEFAULT VALUES").format(_identifier(table)))
        return
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(_identifier(table), listed)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in group:
            copy.write_row([json.dumps(value) if isinstance(value, dict) else value for value in row.values()])


def _advance(connection: Connection, table: str) -> None:
    """Move the sequences of ``table`` past the largest value that was loaded."""
    name = _identifier(table)
    sequences = connection.execute(_SEQUENCES, {"table": name.as_string(connection)}).fetchall()
    for column, sequence in sequences:
        move = sql.SQL("SELECT setval({}, max({})) FROM {}").format(sql.Literal(sequence), sql.Identifier(column), name)
        connection.execute(move)
