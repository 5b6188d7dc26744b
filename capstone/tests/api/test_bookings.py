"""Bookings as a client sees them."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

import pytest
from django.db import connection

from staybook.accounts.models import Role
from staybook.api.v1.serializers.bookings import BookingSerializer, BookingWriteSerializer
from staybook.booking.models import Booking, Status
from staybook.common import clock
from staybook.common.models import OutboxMessage
from tests.factories import SOON, make_booking, make_city, make_property, make_user

pytestmark = pytest.mark.django_db
URL = "/api/v1/bookings"


def wish(place, *, start=0, nights=2, **fields):
    check_in = SOON + timedelta(days=start)
    asked = {"property": place.public_id, "check_in": check_in, "check_out": check_in + timedelta(days=nights)}
    return asked | {"guests": 2} | fields


def book(api, body, key=None):
    return api.post(URL, body, Idempotency_Key=key or str(uuid.uuid4()))


@pytest.fixture
def guest():
    return make_user()


@pytest.fixture
def place():
    return make_property()


def test_a_stay_is_held_at_the_servers_price(api, guest, place):
    answer = book(api.as_(guest), wish(place, price="0.01", total="0.01"))

    assert answer.status_code == 201
    body = answer.json()
    assert answer["Location"] == f"{URL}/{body['id']}"
    assert body["status"] == "held"
    assert body["property"] == {"id": str(place.public_id), "title": place.title}
    assert body["price"] == {
        "nights": [{"night": "2030-06-03", "price": "100.00"}, {"night": "2030-06-04", "price": "100.00"}],
        "cleaning_fee": "20.00",
        "total": "220.00",
        "currency": "USD",
    }
    left = datetime.fromisoformat(body["hold_expires_at"]) - clock.now()
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)
    assert OutboxMessage.objects.get().topic == "booking.held"


def test_what_is_answered_is_what_openapi_says(api, guest, place):
    body = book(api.as_(guest), wish(place)).json()

    assert list(body) == list(BookingSerializer().fields)
    assert list(body["price"]) == list(BookingSerializer().fields["price"].fields)
    assert set(BookingWriteSerializer().fields) == {"property", "check_in", "check_out", "guests"}


def test_taken_nights_are_a_conflict_and_leave_nothing(api, guest, place):
    make_booking(place)

    answer = book(api.as_(guest), wish(place, start=1))

    assert (answer.status_code, answer.json()["code"]) == (409, "nights_taken")
    assert answer["Content-Type"] == "application/problem+json"
    assert Booking.objects.count() == 1
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("start", [-2, 2])
def test_the_morning_of_one_is_the_evening_of_another(api, guest, place, start):
    make_booking(place)

    assert book(api.as_(guest), wish(place, start=start)).status_code == 201


def test_an_overdue_hold_frees_its_nights_at_once(api, guest, place):
    old = make_booking(place, status=Status.HELD, hold_expires_at=clock.now() - timedelta(seconds=1))

    assert book(api.as_(guest), wish(place)).status_code == 201
    old.refresh_from_db()
    assert (old.status, old.hold_expires_at) == ("expired", None)
    assert list(OutboxMessage.objects.values_list("topic", flat=True).order_by("id")) == [
        "booking.expired",
        "booking.held",
    ]


def test_an_overdue_hold_of_other_nights_does_not_help(api, guest, place):
    make_booking(place)
    make_booking(place, check_in=SOON + timedelta(9), status=Status.HELD, hold_expires_at=clock.now())

    assert book(api.as_(guest), wish(place)).status_code == 409


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"check_in": date(2020, 1, 1), "check_out": date(2020, 1, 3)}, "check_in"),
        ({"check_out": SOON}, "check_out"),
        ({"check_out": SOON - timedelta(1)}, "check_out"),
        ({"check_out": SOON + timedelta(366)}, "check_out"),
        ({"check_in": "soon"}, "check_in"),
        ({"guests": 5}, "guests"),
        ({"guests": 0}, "guests"),
        ({"property": "nowhere"}, "property"),
    ],
)
def test_what_cannot_be_is_refused_by_name(api, guest, place, wrong, field):
    answer = book(api.as_(guest), wish(place) | wrong)

    assert answer.status_code == 400
    assert field in answer.json()["fields"]


def test_a_year_is_the_longest_stay_and_the_dearest_has_a_limit(api, guest, place):
    dear = make_property(nightly="99999999.99")

    assert book(api.as_(guest), wish(place, nights=365)).status_code == 201
    assert book(api.as_(guest), wish(dear, nights=365)).json()["fields"].keys() == {"check_out"}


@pytest.mark.parametrize(("hour", "accepted"), [(20, True), (22, False)])
def test_today_is_where_the_property_stands(api, guest, monkeypatch, hour, accepted):
    """At 22:00 UTC it is tomorrow in Nairobi."""
    now = datetime.fromisoformat(f"2030-06-03T{hour}:00:00+00:00")
    asker = api.as_(guest)
    monkeypatch.setattr("staybook.booking.services.clock.now", lambda: now)
    monkeypatch.setattr("staybook.accounts.tokens.subject_of", lambda token: guest.public_id)
    place = make_property(city=make_city())

    assert book(asker, wish(place)).status_code == (201 if accepted else 400)


def test_ones_own_listing_is_not_for_oneself(api):
    place = make_property()

    answer = book(api.as_(place.host), wish(place))

    assert (answer.status_code, answer.json()["code"]) == (403, "own_property")


def test_what_is_not_listed_is_not_there(api, guest):
    assert book(api.as_(guest), wish(make_property(is_listed=False))).status_code == 404


def test_nobody_books_as_nobody(api, place):
    assert book(api, wish(place)).status_code == 401


def test_a_booking_is_shown_to_its_guest_its_host_and_staff_only(api, guest, place):
    booking = make_booking(place, guest)
    url = f"{URL}/{booking.public_id}"
    readers = [guest, place.host, make_user(Role.ADMIN), make_user(), make_user(Role.HOST)]

    assert [api.as_(reader).get(url).status_code for reader in readers] == [200, 200, 200, 404, 404]
    assert [api.as_(reader).post(f"{url}/cancel").status_code for reader in reversed(readers)] == [
        404,
        404,
        200,
        200,
        200,
    ]


def test_lists_are_of_the_guest_or_of_the_host(api, guest, place):
    mine = make_booking(place, guest)
    make_booking()

    own = api.as_(guest).get(URL).json()
    let = api.as_(place.host).get(URL, {"as": "host"}).json()

    assert [each["id"] for each in own["results"]] == [str(mine.public_id)]
    assert own == let
    assert api.as_(place.host).get(URL).json()["results"] == []
    assert api.as_(guest).get(URL, {"as": "cleaner"}).status_code == 400


@pytest.mark.parametrize("count", [5, 50])
def test_a_list_has_as_many_statements_as_rows_do_not_matter(api, guest, place, count, django_assert_num_queries):
    for number in range(count):
        make_booking(place, guest, check_in=SOON + timedelta(days=2 * number))
    asker = api.as_(guest)

    with django_assert_num_queries(3):  # who asks, the bookings, their nights
        assert len(asker.get(URL, {"limit": 100}).json()["results"]) == count


def test_pages_meet_without_a_gap_while_others_book(api, guest, place):
    made = [make_booking(place, guest, check_in=SOON + timedelta(days=2 * number)).public_id for number in range(5)]

    first = api.as_(guest).get(URL, {"limit": 3}).json()
    make_booking(place, guest, check_in=SOON + timedelta(days=30))
    second = api.as_(guest).get(URL, {"limit": 3, "cursor": first["next"]}).json()

    assert [each["id"] for each in first["results"] + second["results"]] == [str(each) for each in reversed(made)]
    assert second["next"] is None


class Statements:
    """What goes to the database while it is open, transaction marks apart."""

    def __enter__(self):
        self.seen = []
        self._wrapper = connection.execute_wrapper(self._note)
        self._wrapper.__enter__()
        return self

    def __exit__(self, *error):
        self._wrapper.__exit__(*error)

    def _note(self, execute, sql, params, many, context):
        self.seen.append(sql)
        return execute(sql, params, many, context)


@pytest.mark.django_db(transaction=True)
def test_booking_takes_eight_statements_at_most(api, guest, place):
    """Who asks, the listing, and all that is written; on SQLite the latter in its steps. Redis counts without one."""
    asker = api.as_(guest)

    with Statements() as statements:
        assert book(asker, wish(place)).status_code == 201

    ours = [sql for sql in statements.seen if "traffic_" not in sql and not sql.startswith("BEGIN")]  # SQLite's
    assert len(ours) == (3 if connection.vendor == "postgresql" else 7), ours
