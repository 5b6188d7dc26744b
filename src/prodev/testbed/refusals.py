"""The errors that beginners meet in PostgreSQL, each with what to try next."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

import psycopg
from psycopg import pq

from prodev.testbed.refused import SqlRefused

if TYPE_CHECKING:
    from prodev.testbed.engine import Connection

_ADVICE = {
    "0A000": "PostgreSQL has no such feature in this place; the manual's page on the statement says what it takes.",
    "21000": "A subquery used as one value must return one row: add a condition, LIMIT 1, or use IN instead of =.",
    "22001": "The value is longer than its column takes.",
    "22003": "The number does not fit its type: use bigint or numeric.",
    "22007": "Write dates as 'YYYY-MM-DD'.",
    "22008": "Write dates as 'YYYY-MM-DD', with a day that the month has.",
    "22012": "Guard the divisor: x / NULLIF(y, 0) is NULL where y is 0.",
    "22P02": "The text cannot be read as that type: compare a number with a number, without quotes.",
    "23502": "A column that is NOT NULL got no value: name it in the INSERT, or give it a DEFAULT.",
    "23503": "A foreign key points at a row that does not exist: insert the referenced row first, delete it last.",
    "23505": "A unique key already has this value: find out which row has it, or say ON CONFLICT.",
    "23514": "A CHECK constraint of the table forbids this value.",
    "23P01": "An exclusion constraint found a row that overlaps with this one.",
    "25001": "This statement cannot stand in a transaction together with others: let it be the only one in the text.",
    "25006": "The transaction is READ ONLY.",
    "25P02": "An earlier statement failed, so the transaction takes nothing until ROLLBACK: correct the first error.",
    "2BP01": "Other objects depend on it: drop them first, or say CASCADE if they should go as well.",
    "2D000": "A block or procedure cannot COMMIT or ROLLBACK here: it runs inside a transaction of the caller's.",
    "3F000": "There is no such schema: create it, or use 'public'.",
    "40001": "Two transactions got in each other's way: the whole transaction has to be run again.",
    "40P01": "Two transactions waited for each other: take locks in the same order everywhere.",
    "42501": "Your role owns the tables of this database and may do nothing outside it.",
    "42601": "Look at the mark and just before it: a missing comma, an open bracket or quote, a misplaced word?",
    "42611": "The column's definition contradicts itself.",
    "42701": "The same column is named twice.",
    "42702": "Two tables have a column of this name: say which one, as in listing.id.",
    "42710": "It exists already: is the statement in the text twice?",
    "42712": "The same table is named twice: give each of the two an alias.",
    "42723": "The function exists already: say CREATE OR REPLACE FUNCTION.",
    "42804": "The types do not fit together: convert one of them, as in value::integer.",
    "42809": "It is an object of another kind.",
    "42830": "A foreign key can only point at columns that are a primary key or unique.",
    "42883": "No function or operator takes these types: check the name, or convert an argument, as in value::date.",
    "42846": "There is no conversion between these types.",
    "42P07": "It exists already: is the statement in the text twice?",
    "42P10": "ON CONFLICT (…) has to name exactly the columns of a primary key or unique index.",
    "42P16": "The table's definition contradicts itself.",
    "42P20": "Window functions are computed after WHERE: put the query in a subquery or WITH, and filter outside it.",
    "53400": "The query wrote more temporary data than it may: is a join condition missing?",
    "55P03": "Another transaction holds the lock: did one stay open, without COMMIT or ROLLBACK?",
    "57014": "It took too long: is a join condition missing, or does it wait for another transaction's lock?",
}
_GROUPING = (
    "A query with an aggregate or GROUP BY returns one row for each group: "
    "name the column in GROUP BY, or aggregate it, as in max(column)."
)
_AGGREGATE_IN_WHERE = "WHERE chooses rows before they are grouped: put a condition on an aggregate into HAVING."
_OF_PARTITIONS = (
    (
        r"^unique constraint on partitioned table .* lacks column \"([^\"]+)\"",
        "Each partition checks only its own rows, so that a key must name the columns that choose the partition: "
        "add {0} to it, as in PRIMARY KEY (id, {0}).",
    ),
    (
        r"^no partition of relation \"([^\"]+)\" found for row",
        "Make a partition that takes this row, or a last resort: CREATE TABLE {0}_default PARTITION OF {0} DEFAULT.",
    ),
    (
        r"^updated partition constraint for default partition \"([^\"]+)\"",
        "{0} already holds rows that the new partition should have: make that partition first, "
        "or move the rows out of {0}, make it, and insert them again.",
    ),
    (
        r"^new row for relation \"([^\"]+)\" violates partition constraint",
        "{0} takes only the rows inside of its bounds: insert into the partitioned table, which finds the place.",
    ),
    (
        r"^partition constraint of relation \"([^\"]+)\" is violated by some row",
        "Some row of {0} lies outside of the bounds that ATTACH gives it: look for it, or change the bounds. "
        "The upper one is not part of the partition.",
    ),
    (
        r"^partition \"([^\"]+)\" would overlap partition \"([^\"]+)\"",
        "A bound after TO is not part of its partition: {0} may begin where {1} ends, and no earlier.",
    ),
    (r"^empty range bound specified", "FROM is part of the partition and TO is not, so that TO has to be later."),
    (
        r"^\"([^\"]+)\" is not partitioned",
        "Only CREATE TABLE {0} (…) PARTITION BY RANGE (column) makes a partitioned table: a table that is there "
        "cannot become one; rename it, make the new one, and copy the rows.",
    ),
    (r"conflicts with existing default partition \"([^\"]+)\"", "A table has one default partition, and {0} is it."),
    (r"is not a partition of relation \"([^\"]+)\"", "\\d+ {0} in psql lists the partitions of {0}."),
    (
        r"^unsupported .* constraint with partition key definition",
        "Divide by a plain column, as in PARTITION BY RANGE (check_in): only then can the table have a key.",
    ),
    (r"^invalid bound specification for a range partition", "A range has two ends: FOR VALUES FROM (…) TO (…)."),
    (r"^child table is missing column \"([^\"]+)\"", "A partition has the columns of its table: add {0}."),
    (r"contains column \"([^\"]+)\" not found in parent", "A partition has the columns of its table: drop {0}."),
    (
        r"has different type for column \"([^\"]+)\"",
        "A partition has the columns of its table: give {0} the same type.",
    ),
)
"""What PostgreSQL says about partitions, under codes that mean other things as well, and the next step."""
_TABLES = """
    SELECT relname::text FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE relkind IN ('r', 'v', 'm', 'p', 'f') AND nspname NOT IN ('pg_catalog', 'information_schema')
      AND nspname NOT LIKE 'pg\\_%' ORDER BY relname
"""
_COLUMNS = """
    SELECT relname::text, attname::text FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND attnum > 0 AND NOT attisdropped
    WHERE relkind IN ('r', 'v', 'm', 'p', 'f') AND nspname NOT IN ('pg_catalog', 'information_schema')
      AND nspname NOT LIKE 'pg\\_%' ORDER BY relname, attnum
"""
_NAMED = re.compile(r'"([^"]+)"|column (\S+) does not exist')


def as_refused(
    error: psycopg.Error, *, connection: Connection, sql: str = "", offset: int | None = None, doing: str = ""
) -> SqlRefused:
    """Say ``error`` to the learner; rolls ``connection`` back, to look into the catalogue for likely names."""
    message = error.diag.message_primary or str(error).strip().split("\n")[0]
    if error.diag.message_detail:
        message += f". {error.diag.message_detail}"
    state = error.sqlstate or ""
    advice = _advice(state, message, error.diag.message_hint or "", sql, _Names(connection))
    shown = f"{message} (while {doing})" if doing else message
    return SqlRefused(shown, sqlstate=state, sql=sql, offset=offset, advice=advice)


class _Names:
    """What the database calls things, asked only where a message needs it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def tables(self) -> list[str]:
        return [row[0] for row in self._ask(_TABLES)]

    def columns(self) -> list[tuple[str, str]]:
        return [(row[0], row[1]) for row in self._ask(_COLUMNS)]

    def _ask(self, question: str) -> list[tuple[str, ...]]:
        try:
            if self._connection.info.transaction_status != pq.TransactionStatus.IDLE:
                self._connection.execute(b"ROLLBACK")
            return self._connection.execute(question.encode()).fetchall()
        except psycopg.Error:
            return []


def _advice(state: str, message: str, hint: str, sql: str, names: _Names) -> str:
    """Choose the next step for one error."""
    for said, step in _OF_PARTITIONS:
        found = re.search(said, message)
        if found:
            return step.format(*found.groups())
    if state == "42P01":
        return _undefined_table(message, names)
    if state == "42703":
        return _undefined_column(message, sql, names)
    if state == "42803":
        return _AGGREGATE_IN_WHERE if "not allowed in WHERE" in message else _GROUPING
    if state == "42601":
        return _syntax(message, sql)
    if state == "42702":
        return _ambiguous(message, names)
    return _ADVICE.get(state, "") or (f"PostgreSQL adds: {hint}" if hint else "")


def _undefined_table(message: str, names: _Names) -> str:
    name = _name(message).split(".")[-1]
    if "FROM-clause" in message:
        return f"Name {name} in FROM or JOIN; where it has an alias there, use the alias everywhere else."
    tables = names.tables()
    near = difflib.get_close_matches(name.lower(), tables, n=1, cutoff=0.6)
    if near:
        return f"Did you mean {near[0]}?"
    return f"The tables here are: {', '.join(tables)}." if tables else "There is no table here at all yet."


def _undefined_column(message: str, sql: str, names: _Names) -> str:
    name = _name(message)
    owner, _, column = name.rpartition(".")
    if re.search(rf'"{re.escape(column)}"', sql) and not owner:
        return f"Double quotes make a name of it; a text is written in single quotes: '{column}'."
    if re.search(rf"\bas\s+{re.escape(column)}\b", sql, re.IGNORECASE):
        return f"{column} is a name that SELECT gives; WHERE and GROUP BY run before it: repeat the expression there."
    known = [pair for pair in names.columns() if re.search(rf"\b{re.escape(pair[0])}\b", sql, re.IGNORECASE)]
    near = difflib.get_close_matches(column.lower(), [pair[1] for pair in known], n=1, cutoff=0.6)
    if near:
        table = next(pair[0] for pair in known if pair[1] == near[0])
        return f"Did you mean {near[0]}, of {table}?"
    tables = list(dict.fromkeys(pair[0] for pair in known))[:3]
    lists = [f"{table} has {', '.join(c for t, c in known if t == table)}" for table in tables]
    return "; ".join(lists) + "." if lists else ""


def _ambiguous(message: str, names: _Names) -> str:
    column = _name(message)
    owners = [table for table, name in names.columns() if name == column]
    if len(owners) < 2:
        return _ADVICE["42702"]
    return f"Both {owners[0]} and {owners[1]} have a column {column}: say which one, as in {owners[0]}.{column}."


def _syntax(message: str, sql: str) -> str:
    near = re.search(r'at or near "(.*)"', message, re.DOTALL)
    if near and re.fullmatch(r":\w*", near[1]):
        return "No value is given under that name; check how the brief spells its parameters."
    if "end of input" in message:
        return "The text ends too early: an unclosed bracket, or a comma or keyword with nothing after it."
    if "unterminated quoted" in message:
        return "A quote is opened and never closed; a quote inside a text is doubled, as in 'it''s'."
    if near and near[1].lower() == "from" and re.search(r",\s*from\b", sql, re.IGNORECASE):
        return "There is a comma too many before FROM."
    return _ADVICE["42601"]


def _name(message: str) -> str:
    """Return the name that ``message`` is about."""
    found = _NAMED.search(message)
    return (found[1] or found[2]).strip('"') if found else ""
