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


class _Stream:
    """An iterator written out by hand: what a generator does for you."""

    def __init__(self, connection: Connection, since: date) -> None:
        self._cursor = connection.execute("SELECT * FROM booking WHERE check_in >= ? ORDER BY id", (str(since),))

    def __iter__(self) -> Iterator[Booking]:
        return self

    def __next__(self) -> Booking:
        row = self._cursor.fetchone()
        if row is None:
            self.close()
            raise StopIteration
        return Booking(row[0], row[1], date.fromisoformat(row[2]), Decimal(row[3]))

    def close(self) -> None:
        self._cursor.close()


def stream_bookings(connection: Connection, since: date) -> Iterator[Booking]:
    """Yield the bookings whose check-in is ``since`` or later, in the order of ``id``."""
    return _Stream(connection, since)
