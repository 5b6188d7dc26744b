"""What the database keeps; the fixture is a connection to a database without bookings."""

import staybook


def test_begins_without_bookings(db):
    assert staybook.bookings(db) == []


def test_the_first_booking_is_number_one(db):
    assert staybook.book(db, "Ada", 2) == 1


def test_a_cancelled_booking_is_gone(db):
    number = staybook.book(db, "Bob", 3)

    staybook.cancel(db, number)

    assert number not in [booking[0] for booking in staybook.bookings(db)]
