"""What is free where and when, for how many, at what price: one statement for the rows, one for what they have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import BooleanField, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL

from staybook.catalog import queries
from staybook.catalog.models import Amenity, City, Property
from staybook.catalog.operations import VECTOR
from staybook.common import clock, keyset
from staybook.common.errors import Invalid
from staybook.common.lateral import has_any

ORDERS: dict[str, tuple[str, ...]] = {"price": ("nightly", "id"), "newest": ("-id",)}
LONGEST_STAY = 365
_LAST_ZONE = "Etc/GMT+12"

Taken = Callable[[date, date], Q]
"""Whether the property of the outer query has a night taken between two dates: the booking app knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for; what is None or empty does not matter. Nights run from check_in to before check_out."""

    city: str = ""
    check_in: date | None = None
    check_out: date | None = None
    guests: int | None = None
    min_price: Decimal | None = None
    max_price: Decimal | None = None
    amenities: tuple[str, ...] = ()
    q: str = ""
    sort: str = "price"


def find(wanted: Wanted, *, taken: Taken, after: keyset.Position | None = None, limit: int = 20) -> queries.Page:
    """One page of the properties that are ``wanted``: three statements at most.

    Raises Invalid, with fields, for an unknown city, and for dates that are half given, reversed, past where the
    city is, or more than a year apart.
    """
    city, zone = _place(wanted.city)
    _check_dates(wanted, zone)
    rows = _matching(wanted, taken)
    rows = rows if city is None else rows.filter(city_id=city)
    return queries.page(rows, order=ORDERS[wanted.sort], after=after, limit=limit)


def _place(city: str) -> tuple[int | None, str]:
    """The city's key and time zone; without a city the zone where a day ends last."""
    if not city:
        return None, _LAST_ZONE
    found = City.objects.filter(slug=city).values_list("pk", "timezone").first()
    if found is None:
        raise _invalid("city", "We do not know this city.")
    return found


def _check_dates(wanted: Wanted, zone: str) -> None:
    if wanted.check_in is None and wanted.check_out is None:
        return
    if wanted.check_in is None or wanted.check_out is None:
        raise _invalid("check_in" if wanted.check_in is None else "check_out", "Give both dates, or none.")
    if wanted.check_out <= wanted.check_in:
        raise _invalid("check_out", "Must be after check_in.")
    if wanted.check_out - wanted.check_in > timedelta(days=LONGEST_STAY):
        raise _invalid("check_out", f"A stay has at most {LONGEST_STAY} nights.")
    if wanted.check_in < clock.today_in(zone):
        raise _invalid("check_in", "This day is over.")


def _matching(wanted: Wanted, taken: Taken) -> QuerySet[Property]:
    rule = Q(is_listed=True)
    if wanted.guests is not None:
        rule &= Q(sleeps__gte=wanted.guests)
    if wanted.min_price is not None:
        rule &= Q(nightly__gte=wanted.min_price)
    if wanted.max_price is not None:
        rule &= Q(nightly__lte=wanted.max_price)
    rows = Property.objects.filter(rule)
    for slug in wanted.amenities:
        rows = rows.filter(_has(slug))
    if wanted.q:
        rows = rows.filter(_mentions(wanted.q))
    if wanted.check_in is not None and wanted.check_out is not None:
        rows = rows.filter(~taken(wanted.check_in, wanted.check_out))
    return rows


def _has(amenity: str) -> Q:
    """Whether the property of the outer query has it."""
    through: Any = Property.amenities.through
    key = Subquery(Amenity.objects.filter(slug=amenity).order_by().values("pk"))
    return has_any(through.objects.filter(property_id=OuterRef("pk"), amenity_id=key))


def _mentions(q: str) -> Q | RawSQL:
    """Title or description has the words of ``q``: by word stems on PostgreSQL, letter by letter on SQLite."""
    if connection.vendor == "postgresql":
        return RawSQL(f"{VECTOR} @@ websearch_to_tsquery('english', %s)", [q], output_field=BooleanField())
    rule = Q()
    for word in q.split():
        rule &= Q(title__icontains=word) | Q(description__icontains=word)
    return rule


def _invalid(field: str, words: str) -> Invalid:
    return Invalid("Some fields are not right.", fields={field: words})
