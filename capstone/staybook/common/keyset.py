"""Pages that begin after a row rather than after a number of rows: no row is skipped or shown twice when others come.

Source: M. Winand, "We need tool support for keyset pagination", use-the-index-luke.com/no-offset.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db.models import F, Model, QuerySet
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan

M = TypeVar("M", bound=Model)
Row = TypeVar("Row")
Position = Sequence[Any]


def after(rows: QuerySet[M, Row], order: Sequence[str], position: Position | None) -> QuerySet[M, Row]:
    """``rows`` in ``order``, from behind ``position``: the values that the last row seen has in the order's fields.

    The order ends with a unique field and goes one way: all its fields rise, or all begin with ``-``. One comparison
    of rows, so that an index on the same fields finds the place. Raises ValueError for an order that goes both ways.
    """
    falls = order[0].startswith("-")
    if any(name.startswith("-") != falls for name in order):
        raise ValueError(f"{order} goes both ways")
    rows = rows.order_by(*order)
    if position is None:
        return rows
    names = [name.removeprefix("-") for name in order]
    if len(names) == 1:
        return rows.filter(**{f"{names[0]}__{'lt' if falls else 'gt'}": position[0]})
    kind = TupleLessThan if falls else TupleGreaterThan
    return rows.filter(kind(tuple(map(F, names)), tuple(position)))
