"""One statement on PostgreSQL, some steps elsewhere: what they leave is the same, and so is what they leave undone."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from staybook.booking import insertion, services
from staybook.booking.insertion import LISTING_CHANGED, NIGHTS_TAKEN
from staybook.booking.models import Booking, BookingNight
from staybook.catalog.models import Property
from staybook.common.context import request_id
from staybook.common.errors import Conflict
from staybook.common.idempotency import Answer, Asked, Taken
from staybook.common.models import IdempotencyKey, OutboxMessage
from tests.factories import SOON, make_booking, make_property, make_user

pytestmark = pytest.mark.django_db
postgres_only = pytest.mark.skipif(connection.vendor != "postgresql", reason="other databases have the steps alone")
both = pytest.mark.parametrize(
    "insert", [pytest.param(insertion.by_one_statement, marks=postgres_only), insertion.step_by_step]
)
ROWS = (Booking, BookingNight, OutboxMessage, IdempotencyKey)
ANSWER = Answer(201, b'{"id": "\xc3\xa9"}', {"Location": "/there"})


def offer(place=None):
    place = place or make_property(nightly=Decimal("99.99"))
    stay = {"check_in": SOON, "check_out": SOON + timedelta(3), "guests": 2}
    return services.offer(guest=make_user(), property_id=place.public_id, **stay)


def key_of(booking, told=b"a"):
    return Asked.of(user_id=booking.guest_id, key="one", told=told).claim(ANSWER)


def counts():
    return [model.objects.count() for model in ROWS]


def facts_of(row, *left_out):
    return {field.attname: getattr(row, field.attname) for field in row._meta.fields if field.attname not in left_out}


def left_behind(insert, place):
    """Every fact of every row, but for those that tell one run from another."""
    booking = offer(place)
    key = key_of(booking)
    insert(booking, key)
    found, message = Booking.objects.get(pk=booking.pk), OutboxMessage.objects.get(payload={"booking_id": booking.pk})
    kept = IdempotencyKey.objects.get(user=booking.guest)
    assert facts_of(found) == facts_of(booking)
    assert bytes(kept.body) == ANSWER.body
    assert max(message.created_at, message.due_at, kept.created_at) - found.created_at < timedelta(minutes=1)
    rows = [
        facts_of(found, "id", "public_id", "guest_id", "created_at", "hold_expires_at"),
        *[facts_of(night, "id", "booking_id") for night in found.ledger],
        facts_of(message, "id", "payload", "created_at", "due_at"),
        facts_of(kept, "id", "user_id", "created_at", "body"),
    ]
    found.night_prices.all().delete()
    found.delete()
    return rows


@postgres_only
def test_one_statement_leaves_what_the_steps_leave():
    place = make_property(nightly=Decimal("99.99"))
    token = request_id.set("a-request")
    try:
        one, steps = left_behind(insertion.by_one_statement, place), left_behind(insertion.step_by_step, place)
    finally:
        request_id.reset(token)

    assert one == steps
    assert len(one) == 6


@both
def test_without_a_key_none_is_claimed(insert):
    insert(offer(), None)

    assert counts() == [1, 3, 1, 0]


@both
@pytest.mark.parametrize("told", [b"a", b"b"], ids=["same", "other"])
def test_a_key_that_is_taken_keeps_everything_out(insert, told):
    booking = offer()
    key_of(booking).row().save()

    with pytest.raises(Taken):
        insert(booking, key_of(booking, told))
    assert counts() == [0, 0, 0, 1]
    assert booking.pk is None


@both
@pytest.mark.parametrize("changed", [{"nightly": 100}, {"is_listed": False}, {"sleeps": 3}, {"currency": "KES"}])
def test_terms_that_changed_keep_the_booking_out(insert, changed):
    booking = offer()
    Property.objects.update(**changed)

    with pytest.raises(Conflict) as refused:
        insert(booking, key_of(booking))
    assert refused.value.code == LISTING_CHANGED
    assert counts() == [0, 0, 0, 0]


@both
def test_nights_that_are_taken_keep_the_booking_out(insert):
    booking = offer()
    other = make_booking(booking.property, check_in=SOON + timedelta(2), nights=1)

    with pytest.raises(Conflict) as refused:
        insert(booking, key_of(booking))
    assert refused.value.code == NIGHTS_TAKEN
    assert Booking.objects.get() == other
    assert counts()[2:] == [0, 0]


def test_terms_are_named_in_the_statement():
    assert f"({', '.join(insertion.TERMS)})" in insertion._INSERT
