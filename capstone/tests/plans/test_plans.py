"""No hot query reads a big table from end to end, nor reads what it drops; and the gate that says so sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from staybook.booking import availability
from staybook.booking.models import Booking
from staybook.catalog import queries, search
from staybook.catalog.models import Property
from staybook.common import keyset
from tests.factories import SOON
from tests.plans import gate, market

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="plans are PostgreSQL's: SQLite has no EXPLAIN ANALYZE to read"
    ),
]
SIZES = [
    pytest.param((5_000, 100_000), id="100k"),
    pytest.param((50_000, 1_000_000), id="1M", marks=pytest.mark.slow),
]
DATES = {"check_in": SOON, "check_out": SOON + timedelta(days=3)}


@pytest.fixture(scope="module", params=SIZES)
def town(request: Any, django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The market, for the module's tests, in a transaction that is rolled back."""
    properties, bookings = request.param
    with django_db_blocker.unblock(), transaction.atomic():
        with transaction.atomic():
            market.build(properties=properties, bookings=bookings)
        yield
        transaction.set_rollback(True)


def find(after: keyset.Position | None = None, **wanted: Any) -> queries.Page:
    return search.find(search.Wanted(**wanted), taken=availability.taken, after=after, limit=20)


def some_property() -> Property:
    return Property.objects.filter(is_listed=True).order_by("-id")[50]


def deep(**wanted: Any) -> Callable[[], queries.Page]:
    """A page far behind the first."""
    rest = None
    for _ in range(3):
        rest = find(after=rest, **wanted).rest
    return lambda: find(after=rest, **wanted)


def _mine() -> Callable[[], Any]:
    place = some_property()
    return lambda: queries.of_host(place.host, after=None, limit=20)


def _detail() -> Callable[[], Any]:
    place = some_property()
    return lambda: queries.detail(place.public_id)


def _calendar() -> Callable[[], Any]:
    key = some_property().pk
    return lambda: availability.taken_nights(key, SOON, SOON + timedelta(days=62))


def _bookings_of_guest() -> Callable[[], Any]:
    guest = Booking.objects.order_by("-id")[10].guest_id
    return lambda: list(keyset.after(Booking.objects.filter(guest_id=guest), ("-id",), None)[:20])


HOT: dict[str, Callable[[], Callable[[], Any]]] = {
    "list": lambda: lambda: queries.listed(after=None, limit=50),
    "list, deep": lambda: lambda: queries.listed(after=[some_property().pk], limit=50),
    "own properties": _mine,
    "detail": _detail,
    "calendar": _calendar,
    "city": lambda: lambda: find(city="city-2"),
    "city and dates": lambda: lambda: find(city="city-2", **DATES),
    "city and dates, deep": lambda: deep(city="city-2", **DATES),
    "city, dates, guests, price": lambda: lambda: find(city="city-2", guests=2, max_price=200, **DATES),
    "city, dates, newest": lambda: lambda: find(city="city-2", sort="newest", **DATES),
    "city, dates, amenity": lambda: lambda: find(city="city-2", amenities=("amenity-3",), **DATES),
    "anywhere, dates": lambda: lambda: find(**DATES),
    "anywhere, dates, deep": lambda: deep(**DATES),
    "words and dates": lambda: lambda: find(q="jacaranda", **DATES),
    "bookings of a guest": _bookings_of_guest,
}


@pytest.mark.parametrize("name", HOT)
def test_a_hot_query_reads_little_more_than_it_shows(town, name):
    ask = HOT[name]()

    assert gate.complaints(ask) == []


def _drop(*indexes: str) -> None:
    with connection.cursor() as cursor:
        for index in indexes:
            cursor.execute(f'DROP INDEX "{index}"')


def _indexes(table: str, column: str) -> list[str]:
    """Those that begin with a column."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s", [table])
        return [
            name
            for name, words in cursor.fetchall()
            if "UNIQUE" not in words and f"({column}" in words and "gist" not in words
        ]


class TestTheControls:
    """With an index taken away the gate must complain: otherwise it would say nothing by its silence."""

    def test_without_the_btree_the_exclusion_index_does_not_serve(self, town):
        """The trap: a literal is an int4, and gist_int8_ops compares int8 with int8 alone.

        So the first column of the exclusion constraint's index is of no use to ``property_id = 777``.
        """
        ask = _calendar()
        _drop(*_indexes("booking_booking", "property_id"))

        assert gate.complaints(ask)

    def test_the_trap_is_the_type_of_the_number(self, town):
        """The same question in the constraint's own words, as the ORM binds it, and with the number's type said."""
        key = some_property().pk
        _drop(*_indexes("booking_booking", "property_id"))
        rows = "daterange(check_in, check_out) && '[2030-06-03,2030-06-06)' AND status IN ('held', 'confirmed')"

        def ask(number: str) -> None:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT id FROM booking_booking WHERE property_id = {number} AND {rows}", [key])

        assert gate.complaints(lambda: ask("%s"))
        assert gate.complaints(lambda: ask("%s::bigint")) == []

    @pytest.mark.parametrize(
        ("table", "columns", "name"),
        [
            ("catalog_property", ("city_id", "nightly"), "city and dates"),
            ("catalog_property", ("to_tsvector",), "words and dates"),
            ("booking_booking", ("guest_id",), "bookings of a guest"),
        ],
    )
    def test_without_its_index_a_query_is_caught(self, town, table, columns, name):
        ask = HOT[name]()
        for column in columns:
            _drop(*_indexes(table, column))

        assert gate.complaints(ask)

    def test_a_page_by_number_is_caught(self, town):
        def ask() -> None:
            list(Property.objects.filter(is_listed=True).order_by("title")[2_000:2_020])

        assert gate.complaints(ask)
