"""The database refuses what no code may be trusted to refuse."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from staybook.booking.models import Status
from tests.factories import SOON, make_booking, make_property

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("start", "nights"), [(0, 3), (-1, 2), (2, 2), (-2, 9), (1, 1)])
@pytest.mark.parametrize("status", [Status.HELD, Status.CONFIRMED])
def test_two_live_bookings_share_no_night(start, nights, status):
    place = make_property()
    make_booking(place, nights=3)

    with pytest.raises(IntegrityError, match="booking_no_overlap"), transaction.atomic():
        make_booking(place, check_in=SOON + timedelta(days=start), nights=nights, status=status)


@pytest.mark.parametrize(("start", "nights"), [(3, 2), (-2, 2)])
def test_one_guests_last_morning_is_the_next_ones_first_evening(start, nights):
    place = make_property()
    make_booking(place, nights=3)

    assert make_booking(place, check_in=SOON + timedelta(days=start), nights=nights).pk


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.EXPIRED])
def test_what_is_over_takes_no_night(status):
    place = make_property()
    make_booking(place, status=status)

    assert make_booking(place).pk


def test_what_was_over_cannot_come_back_to_taken_nights():
    place = make_property()
    old = make_booking(place, status=Status.CANCELLED)
    make_booking(place)
    old.status = Status.CONFIRMED

    with pytest.raises(IntegrityError, match="booking_no_overlap"), transaction.atomic():
        old.save()


def test_another_property_is_another_matter():
    make_booking()

    assert make_booking().pk


def test_a_hold_has_an_end():
    with pytest.raises(IntegrityError, match="booking_hold_has_an_end"), transaction.atomic():
        make_booking(status=Status.HELD, hold_expires_at=None)
