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
    SELECT refobjid::regclass::text, attname, objid::regclass::text
    FROM pg_depend
    JOIN pg_class AS sequence ON sequence.oid = objid AND relkind = 'S'
    JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid
    WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass AND deptype IN ('a', 'i')
      AND refobjid = ANY(%(tables)s::text[]::regclass[]::oid[])
"""
"""Sequences that serial and identity columns own: table, column, sequence, each as SQL spells it."""

_RESTART = "SELECT setval(seqrelid, seqstart, false) FROM pg_sequence WHERE seqrelid = ANY(%s::text[]::regclass[])"
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
    owned = empty(connection, [name.as_string(connection) for name in names])
    for table, given in tables.items():
        for columns, group in itertools.groupby(given, key=tuple):
            _copy(connection, table, columns, group)
    _advance(connection, owned)
    connection.execute(sql.SQL("ANALYZE {}").format(sql.SQL(", ").join(names)))


def empty(connection: Connection, roots: Sequence[str]) -> list[Any]:
    """Remove every row of the tables and of those that refer to them; return their sequences, which begin again.

    ``roots`` names the tables as SQL spells them; the caller commits. TRUNCATE makes new files for each table
    and index, which costs more than deleting a few pages of rows.
    One statement deletes from all of them, since foreign keys are checked when it ends.
    """
    reached = connection.execute(_REACHED, {"roots": list(roots)}).fetchall()
    if any(pages > _FEW_PAGES or restricts for _, pages, restricts in reached):
        connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.SQL(", ").join(map(sql.SQL, roots))))
    else:
        deletes = [
            sql.SQL("{} AS (DELETE FROM {})").format(sql.Identifier(f"d{number}"), sql.SQL(table))
            for number, (table, _, _) in enumerate(reached)
        ]
        connection.execute(sql.SQL("WITH {} SELECT").format(sql.SQL(", ").join(deletes)))
    owned = connection.execute(_SEQUENCES, {"tables": [table for table, _, _ in reached]}).fetchall()
    connection.execute(_RESTART, [[sequence for _, _, sequence in owned]])
    return owned


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


def _advance(connection: Connection, owned: Sequence[Any]) -> None:
    """Move the sequences past the largest value that was loaded; one without any stays where it starts."""
    if owned:
        moves = [
            sql.SQL("(SELECT setval({}, max({})) FROM {})").format(
                sql.Literal(sequence), sql.Identifier(column), sql.SQL(table)
            )
            for table, column, sequence in owned
        ]
        connection.execute(sql.SQL("SELECT {}").format(sql.SQL(", ").join(moves)))
