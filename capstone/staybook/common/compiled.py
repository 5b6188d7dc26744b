"""Rows that every request asks for: Django words such a query once, and only its value changes.

To word a query takes Django many times as long as to send it and to read a row.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection, models
from django.db.models.query import get_related_populators

from staybook.common import prepared

M = TypeVar("M", bound=models.Model)
Row = tuple[Any, ...]
_ANY = UUID(int=0)


class ByPublicId(Generic[M]):
    """Finds the one of ``rows()`` that has a ``public_id``, with what they ``select_related``."""

    def __init__(self, rows: Callable[[], models.QuerySet[M]]) -> None:
        self._rows = rows

    def __call__(self, public_id: UUID) -> M | None:
        """The row, or None. One statement. Raises ValueError for rows that have a value of their own."""
        sql, field, read = self._compiled
        with prepared.cursor() as cursor:
            cursor.execute(sql, [field.get_db_prep_value(public_id, connection)])
            row = cursor.fetchone()
        return None if row is None else read(row)

    @cached_property
    def _compiled(self) -> tuple[str, Any, Callable[[Row], M]]:
        rows = self._rows().filter(public_id=_ANY)
        compiler: Any = rows.query.get_compiler(connection=connection)
        sql, values = compiler.as_sql()
        if len(values) != 1:
            raise ValueError(f"this would ask for the same values for ever: {values}")
        return sql, rows.model._meta.get_field("public_id"), _reader(compiler)


def _reader(compiler: Any) -> Callable[[Row], Any]:
    """What makes a model of a row, as ``django.db.models.query.ModelIterable`` does."""
    alias, model = compiler.connection.alias, compiler.klass_info["model"]
    own = compiler.klass_info["select_fields"]
    names = [column.target.attname for column, *_ in compiler.select[: len(own)]]
    related = get_related_populators(compiler.klass_info, compiler.select, alias)  # type: ignore[call-arg]  # Django 6.1
    converters = compiler.get_converters([column for column, *_ in compiler.select])

    def read(row: Row) -> Any:
        if converters:
            (row,) = compiler.apply_converters([row], converters)
        found = model.from_db(alias, names, row[: len(names)])
        for populator in related:
            populator.populate(row, found)
        return found

    return read
