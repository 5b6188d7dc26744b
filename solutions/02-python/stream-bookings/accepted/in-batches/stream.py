"""Bookings from the database, one at a time."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from sqlite3 import Connection
from typing import NamedTuple


class Booking(NamedTuple):
    """A row of the table ``booking``, in Python's own types."""

    id: int
    listing_id: int
    check_in: date
    total: Decimal


BATCH = 500


def stream_bookings(connection: Connection, since: date) -> Iterator[Booking]:
    """Yield the bookings whose check-in is ``since`` or later, in the order of ``id``."""
    cursor = connection.execute(
        "SELECT id, listing_id, check_in, total FROM booking WHERE check_in >= :since ORDER BY id",
        {"since": since.isoformat()},
    )
    try:
        while batch := cursor.fetchmany(BATCH):
            yield from map(_booking, batch)
    finally:
        cursor.close()


def _booking(row: tuple[int, int, str, str]) -> Booking:
    return Booking(row[0], row[1], date.fromisoformat(row[2]), Decimal(row[3]))
