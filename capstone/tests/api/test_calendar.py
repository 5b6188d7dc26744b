"""The calendar of a property: which nights are taken."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from staybook.booking.models import Status
from staybook.catalog.models import Property
from staybook.common import clock
from tests.factories import SOON, make_booking, make_property

pytestmark = pytest.mark.django_db


@pytest.fixture
def loft():
    return make_property(title="Loft")


def day(number: int):
    return SOON + timedelta(days=number)


def taken(api, place, **query):
    answer = api.get(f"/api/v1/properties/{place.public_id}/calendar", query)
    assert answer.status_code == 200, answer.content
    return answer.json()["taken"]


def test_nights_are_taken_but_the_last_morning_is_not(api, loft):
    make_booking(loft, nights=2)

    assert taken(api, loft, **{"from": day(-1), "to": day(9)}) == [str(day(0)), str(day(1))]


def test_nights_come_in_order_whoever_booked_first(api, loft):
    """Asked for, and not an index's good luck."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for way in ("indexscan", "indexonlyscan", "bitmapscan"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
    make_booking(loft, check_in=day(5), nights=1)
    make_booking(loft, nights=1)

    assert taken(api, loft, **{"from": day(-1), "to": day(9)}) == [str(day(0)), str(day(5))]


def test_a_stay_that_reaches_beyond_is_cut(api, loft):
    make_booking(loft, nights=5)

    assert taken(api, loft, **{"from": day(1), "to": day(3)}) == [str(day(1)), str(day(2))]


def test_only_live_stays_count(api, loft):
    make_booking(loft, status=Status.CANCELLED)
    make_booking(loft, status=Status.HELD, hold_expires_at=clock.now() - timedelta(seconds=1))

    assert taken(api, loft, **{"from": day(-1), "to": day(9)}) == []


def test_it_begins_today_where_the_property_is(api, loft):
    today = clock.today_in("Africa/Nairobi")
    make_booking(loft, check_in=today, nights=1)

    assert taken(api, loft) == [str(today)]


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2030-06-03", "to": "2030-06-03"},
        {"from": "2030-06-03", "to": "2031-12-31"},
        {"from": "x"},
        {"from": "9999-12-31"},
    ],
)
def test_what_is_no_period_is_refused(api, loft, query):
    assert api.get(f"/api/v1/properties/{loft.public_id}/calendar", query).status_code == 400


def test_of_nothing_there_is_none(api, loft):
    Property.objects.update(is_listed=False)

    assert api.get(f"/api/v1/properties/{loft.public_id}/calendar").status_code == 404
