"""The database refuses what no code may be trusted to refuse."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from staybook.booking.models import Status
from tests.factories import SOON, make_booking, make_property

pytestmark = pytest.mark.django_db


def test_the_tables_are_what_the_models_say():
    """What is wrong with a field or a constraint is wrong with a migration too, or missing from all of them."""
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.django_db(transaction=True)  # in one, SQLite refuses to speak of its schema
def test_the_rule_is_told_to_who_reads_the_migration(capsys):
    call_command("sqlmigrate", "booking", "0001")

    assert "-- Forbid two live bookings of one property to share a night" in capsys.readouterr().out


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


def test_a_stay_of_a_year_is_the_longest():
    assert make_booking(nights=365).pk

    with pytest.raises(IntegrityError, match="booking_not_too_long"), transaction.atomic():
        make_booking(nights=366)


@pytest.mark.django_db(transaction=True)
def test_a_migration_taken_back_and_applied_again_leaves_the_constraint():
    """SQLite rebuilds a table to alter it, and its triggers go with the old one."""
    for target in (["0001"], []):
        call_command("migrate", "booking", *target, verbosity=0)
        place = make_property()
        make_booking(place)

        with pytest.raises(IntegrityError, match="booking_no_overlap"), transaction.atomic():
            make_booking(place)
