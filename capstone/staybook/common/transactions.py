"""Transactions that meet others: one more try after a lost lock, and inserts that survive a conflict."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from functools import cache
from typing import TypeVar

from django.db import OperationalError, connection, models, transaction

from staybook.common.errors import Busy

T = TypeVar("T")

_CONTENTION = {"40P01", "55P03"}
"""deadlock_detected and lock_not_available. Source: PostgreSQL's documentation, appendix A."""


def is_contention(error: BaseException) -> bool:
    """Whether others were in the way, so that the same work may succeed now."""
    if getattr(error.__cause__, "sqlstate", None) in _CONTENTION:
        return True
    return isinstance(error, OperationalError) and "is locked" in str(error)  # SQLite's words


def in_transaction(work: Callable[[], T], *, may_join: bool = True) -> T:
    """Do ``work`` in the caller's transaction, or in one of its own, which is tried twice.

    Whoever has a transaction open retries it whole, if at all: PostgreSQL ends it with the lost lock. Without
    ``may_join`` an error undoes what was done here, by a savepoint, and no more.
    Raises Busy when the second try meets others too.
    """
    if connection.in_atomic_block:
        with nullcontext() if may_join else transaction.atomic():
            return work()
    return _twice(transaction.atomic()(work))


def at_once(statement: Callable[[], T]) -> T:
    """Do one statement as ``in_transaction`` does its work without ``may_join``, but without asking for a transaction.

    PostgreSQL makes a statement one by itself: that saves two round trips.
    """
    return in_transaction(statement, may_join=False) if connection.in_atomic_block else _twice(statement)


def _twice(work: Callable[[], T]) -> T:
    try:
        return work()
    except OperationalError as error:
        if not is_contention(error):
            raise
    try:
        return work()
    except OperationalError as error:
        if not is_contention(error):
            raise
        raise Busy("Others are changing the same thing. Try again.") from error


def insert_unless_taken(row: models.Model) -> bool:
    """Insert ``row``, in one statement, unless a constraint gives its place to another; say whether it was inserted.

    A conflict raises nothing, so the transaction goes on without a savepoint. Whoever is inserting in that place at
    this moment is waited for.
    """
    sql = _insert_of(type(row))
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in _fields_of(type(row))]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found = cursor.fetchone()
    if found is None:
        return False
    row.pk, row._state.adding, row._state.db = found[0], False, connection.alias
    return True


@cache
def _fields_of(model: type[models.Model]) -> list[models.Field[object, object]]:
    return [field for field in model._meta.concrete_fields if not field.primary_key]


@cache
def _insert_of(model: type[models.Model]) -> str:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in _fields_of(model))
    marks = ", ".join(["%s"] * len(_fields_of(model)))
    key = quote(str(model._meta.pk.column))
    table = quote(model._meta.db_table)
    return f"INSERT INTO {table} ({columns}) VALUES ({marks}) ON CONFLICT DO NOTHING RETURNING {key}"
