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


def stream_bookings(connection: Connection, since: date) -> Iterator[Booking]:
    """Yield the bookings whose check-in is ``since`` or later, in the order of ``id``."""
    # TODO: one row in memory at a time, and a closed cursor at the end.
    raise NotImplementedError("TODO: stream the bookings")
