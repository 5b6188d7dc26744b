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


def load(connection: Connection, tables: Mapping[str, Sequence[Row]]) -> None:
    """Empty every table named, fill it in the order given, and bring its sequences and statistics up to date.

    The caller commits. Only the candidate's role may do this: a candidate's trigger runs as whoever inserts.
    """
    names = [_identifier(table) for table in tables]
    if not names:
        return
    connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(sql.SQL(", ").join(names)))
    for table, given in tables.items():
        for columns, group in itertools.groupby(given, key=tuple):
            _copy(connection, table, columns, group)
        if given:
            _advance(connection, table)
    connection.execute(sql.SQL("ANALYZE {}").format(sql.SQL(", ").join(names)))


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
