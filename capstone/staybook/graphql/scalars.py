"""Scalars in the forms that REST uses: amounts as texts with two places, moments and dates as ISO 8601."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

import strawberry
from graphql import GraphQLError

T = TypeVar("T")
_AMOUNT = re.compile(r"\d{1,8}(\.\d{1,2})?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _reads(form: re.Pattern[str] | None, make: Callable[[str], T], wanted: str) -> Callable[[Any], T]:
    def read(value: Any) -> T:
        try:
            if isinstance(value, str) and (form is None or form.fullmatch(value)):
                return make(value)
        except ValueError:
            pass
        raise GraphQLError(f"This is not {wanted}.")

    return read


def _iso(value: date | str) -> str:
    return value if isinstance(value, str) else value.isoformat()


SCALARS: dict[object, Any] = {
    Decimal: strawberry.scalar(
        name="Decimal",
        description='An amount from 0, with at most two places, as a text: "120.00".',
        serialize=str,
        parse_value=_reads(_AMOUNT, Decimal, 'an amount such as "120.00"'),
    ),
    date: strawberry.scalar(
        name="Date",
        description='A day: "2030-06-03".',
        serialize=_iso,
        parse_value=_reads(_DATE, date.fromisoformat, 'a day such as "2030-06-03"'),
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description='A moment in UTC: "2030-06-03T12:00:00+00:00".',
        serialize=_iso,
        parse_value=_reads(None, datetime.fromisoformat, "a moment in ISO 8601"),
    ),
    uuid.UUID: strawberry.scalar(
        name="UUID", serialize=str, parse_value=_reads(None, uuid.UUID, "a UUID"), description="RFC 9562."
    ),
}
