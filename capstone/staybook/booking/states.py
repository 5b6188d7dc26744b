"""Where a booking can go from where it stands: the one table of moves.

A move is one ``UPDATE … WHERE status IN (…)``. Of two at a time one changes the row and the other changes nothing;
who changed nothing reads again, and says what is so.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from staybook.booking.models import Booking, Status

FROM: dict[Status, frozenset[Status]] = {
    Status.CONFIRMED: frozenset({Status.HELD, Status.EXPIRED}),  # paid late: if its nights are free still
    Status.COMPLETED: frozenset({Status.CONFIRMED}),
    Status.EXPIRED: frozenset({Status.HELD}),
    Status.CANCELLED: frozenset({Status.HELD, Status.CONFIRMED}),
}
"""By where it goes. A new booking is held."""


def move(bookings: QuerySet[Booking], to: Status, **changes: Any) -> int:
    """Move those of ``bookings`` that can go there; return how many did.

    Raises IntegrityError when a booking comes back to nights that another has now.
    """
    return bookings.filter(status__in=FROM[to]).update(status=to, hold_expires_at=None, **changes)
