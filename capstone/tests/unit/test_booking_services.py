"""Moves of bookings: which there are, who makes them, and what they say."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, OperationalError

from staybook.accounts.models import Role
from staybook.booking import services, states
from staybook.booking.models import Booking, Status
from staybook.common import clock, transactions
from staybook.common.errors import Busy, Conflict, NotFound
from staybook.common.models import OutboxMessage
from tests.factories import SOON, make_booking, make_city, make_property, make_user

pytestmark = pytest.mark.django_db
OVERDUE = timedelta(seconds=-1)


def told():
    return list(OutboxMessage.objects.order_by("id").values_list("topic", "payload"))


def make_hold(place=None, *, left=timedelta(minutes=5), **fields):
    return make_booking(place, status=Status.HELD, hold_expires_at=clock.now() + left, **fields)


def status_of(booking):
    return Booking.objects.get(pk=booking.pk).status


@pytest.mark.parametrize(("start", "to"), list(itertools.product(Status, states.FROM)))
def test_only_the_moves_of_the_table_are_made(start, to):
    booking = make_hold() if start == Status.HELD else make_booking(status=start)

    moved = states.move(Booking.objects.filter(pk=booking.pk), to)

    assert moved == (start in states.FROM[to])
    assert status_of(booking) == (to if moved else start)


def test_a_payment_confirms_and_says_so_once():
    booking = make_hold()

    assert [services.confirm(booking_id=booking.pk) for _ in range(2)] == [True, True]
    assert told() == [("booking.confirmed", {"booking_id": booking.pk})]
    assert status_of(booking) == "confirmed"


def test_a_hold_that_is_late_and_not_yet_expired_is_confirmed():
    booking = make_hold(left=OVERDUE)

    assert services.confirm(booking_id=booking.pk)


def test_an_expired_booking_gets_its_nights_back_if_they_are_free():
    booking = make_booking(status=Status.EXPIRED)

    assert services.confirm(booking_id=booking.pk)
    assert status_of(booking) == "confirmed"
    assert told() == [("booking.confirmed", {"booking_id": booking.pk})]


def test_an_expired_booking_gets_nights_back_from_an_overdue_hold():
    booking = make_booking(status=Status.EXPIRED)
    other = make_hold(booking.property, left=OVERDUE)

    assert services.confirm(booking_id=booking.pk)
    assert status_of(other) == "expired"


def test_an_expired_booking_whose_nights_are_taken_is_lost():
    booking = make_booking(status=Status.EXPIRED)
    make_booking(booking.property)

    assert not services.confirm(booking_id=booking.pk)
    assert (status_of(booking), told()) == ("expired", [])


def test_a_cancelled_booking_is_not_confirmed():
    booking = make_booking(status=Status.CANCELLED)

    assert not services.confirm(booking_id=booking.pk)
    assert not services.confirm(booking_id=0)


def test_a_completed_booking_was_confirmed():
    assert services.confirm(booking_id=make_booking(status=Status.COMPLETED).pk)


def test_another_error_of_the_database_is_no_answer(monkeypatch):
    booking = make_booking(status=Status.EXPIRED)
    monkeypatch.setattr(states, "move", lambda rows, to: _raise(IntegrityError("another rule")) if rows else 0)

    with pytest.raises(IntegrityError, match="another rule"):
        services.confirm(booking_id=booking.pk)


def _raise(error):
    raise error


def test_a_guest_is_refunded_by_the_policy():
    booking = make_booking(check_in=clock.now().date() + timedelta(3))  # moderate: half of two nights, and the fee

    cancelled = services.cancel(actor=booking.guest, booking_id=booking.public_id)

    assert (cancelled.status, cancelled.hold_expires_at) == ("cancelled", None)
    assert cancelled.cancelled_at == Booking.objects.get(pk=booking.pk).cancelled_at
    assert told() == [("booking.cancelled", {"booking_id": booking.pk, "refund": "120.00"})]


@pytest.mark.parametrize("who", ["host", "admin"])
def test_others_refund_it_whole(who):
    booking = make_booking(check_in=clock.now().date() + timedelta(3))
    actor = booking.property.host if who == "host" else make_user(Role.ADMIN)

    services.cancel(actor=actor, booking_id=booking.public_id)

    assert told()[0][1]["refund"] == "220.00"


def test_a_hold_was_not_paid_for():
    booking = make_hold()

    services.cancel(actor=booking.guest, booking_id=booking.public_id)

    assert told()[0][1]["refund"] == "0.00"


def test_cancelled_twice_is_cancelled_once():
    booking = make_booking()

    first, second = (services.cancel(actor=booking.guest, booking_id=booking.public_id) for _ in range(2))

    assert first.cancelled_at == second.cancelled_at
    assert len(told()) == 1


@pytest.mark.parametrize("status", [Status.EXPIRED, Status.COMPLETED])
def test_what_is_over_is_not_cancelled(status):
    booking = make_booking(status=status)

    with pytest.raises(Conflict) as caught:
        services.cancel(actor=booking.guest, booking_id=booking.public_id)

    assert caught.value.code == "booking_over"


@pytest.mark.parametrize(("nights_ago", "over"), [(1, False), (2, True)])
def test_the_last_morning_ends_it(nights_ago, over):
    booking = make_booking(make_property(city=make_city(slug="utc", timezone="UTC")), check_in=today(-nights_ago))

    try:
        services.cancel(actor=booking.guest, booking_id=booking.public_id)
    except Conflict:
        assert over
    else:
        assert not over


def today(days=0):
    return clock.now().date() + timedelta(days)


def test_a_booking_that_changes_all_the_time_is_busy(monkeypatch):
    booking = make_booking()
    monkeypatch.setattr(states, "move", lambda *_, **__: 0)

    with pytest.raises(Busy):
        services.cancel(actor=booking.guest, booking_id=booking.public_id)


def test_strangers_see_nothing():
    with pytest.raises(NotFound):
        services.cancel(actor=make_user(), booking_id=make_booking().public_id)


def test_overdue_holds_expire_and_others_stay():
    late, timely, sure = make_hold(left=OVERDUE), make_hold(), make_booking()

    assert [services.expire_overdue(), services.expire_overdue()] == [1, 0]
    assert list(map(status_of, (late, timely, sure))) == ["expired", "held", "confirmed"]
    assert told() == [("booking.expired", {"booking_id": late.pk})]


def test_a_property_expires_its_own_holds_only():
    mine, other = make_hold(left=OVERDUE), make_hold(left=OVERDUE)

    assert services.expire_overdue(property_id=mine.property_id) == 1
    assert status_of(other) == "held"


def test_stays_complete_on_their_last_morning_where_they_are(monkeypatch):
    """At 11:00 UTC on the last morning it is the day before in Honolulu."""
    places = [
        make_property(city=make_city(slug=name, timezone=name)) for name in ("Africa/Nairobi", "Pacific/Honolulu")
    ]
    stays = [make_booking(place) for place in places]
    held = make_hold(places[0], check_in=SOON - timedelta(9))
    monkeypatch.setattr(clock, "now", lambda: datetime(2030, 6, 5, 9, tzinfo=UTC))

    assert [services.complete_past(), services.complete_past()] == [1, 0]
    assert list(map(status_of, (*stays, held))) == ["completed", "confirmed", "held"]


def test_a_price_is_of_the_terms_that_are_locked(monkeypatch):
    place, guest = make_property(), make_user()
    check = services._check

    def and_then_the_host_raises_the_price(**facts):
        check(**facts)
        type(place).objects.update(nightly=999)

    monkeypatch.setattr(services, "_check", and_then_the_host_raises_the_price)

    with pytest.raises(Conflict) as caught:
        services.hold(guest=guest, property_id=place.public_id, check_in=SOON, check_out=SOON + timedelta(1), guests=1)

    assert caught.value.code == "listing_changed"
    assert not Booking.objects.exists()


class Locked(OperationalError):
    """As psycopg's: the reason is the cause."""

    def __init__(self, sqlstate):
        super().__init__(sqlstate)
        self.__cause__ = type("Reason", (Exception,), {"sqlstate": sqlstate})()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("error", "failures", "outcome"),
    [
        (Locked("40P01"), 1, 2),
        (Locked("55P03"), 1, 2),
        (OperationalError("database is locked"), 1, 2),
        (Locked("40P01"), 2, Busy),
        (Locked("57014"), 1, OperationalError),
    ],
)
def test_a_lost_lock_is_tried_once_more(error, failures, outcome):
    tries = itertools.count(1)

    def work():
        number = next(tries)
        if number <= failures:
            raise error
        return number

    if isinstance(outcome, int):
        assert transactions.in_transaction(work) == outcome
    else:
        with pytest.raises(outcome):
            transactions.in_transaction(work)


@pytest.mark.django_db(transaction=True)
def test_another_error_in_the_second_try_is_itself():
    errors = iter([Locked("40P01"), OperationalError("gone")])

    with pytest.raises(OperationalError, match="gone"):
        transactions.in_transaction(lambda: _raise(next(errors)))


def test_within_a_transaction_nothing_is_tried_again():
    with pytest.raises(Locked):
        transactions.in_transaction(lambda: _raise(Locked("40P01")))


def test_nights_that_are_taken_back_are_missing_from_the_next_search(monkeypatch):
    told = []
    monkeypatch.setattr(services.freshness, "availability_changed", lambda *facts: told.append(facts))
    free, taken = make_booking(status=Status.EXPIRED), make_booking(status=Status.EXPIRED)
    make_booking(taken.property)

    assert services.confirm(booking_id=free.pk)
    assert not services.confirm(booking_id=taken.pk)
    assert told == [(free.property.public_id, free.property.city.slug)]
