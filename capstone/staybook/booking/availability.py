"""Which nights are taken, now: those of confirmed stays, and of holds that have not run out."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import OuterRef, Q, QuerySet

from staybook.booking.models import LONGEST_STAY, Booking, Status
from staybook.common import clock
from staybook.common.lateral import has_any

_OVER = (Status.COMPLETED, Status.EXPIRED, Status.CANCELLED)


def _is_live() -> Q:
    """Confirmed, or held and not run out; only holds have an end, by a constraint.

    Said by what it is not: from "held or confirmed" PostgreSQL may conclude that the exclusion constraint's index
    serves, takes that for cheap, and reads all stays of a property from it.
    """
    return ~Q(status__in=_OVER) & (Q(hold_expires_at=None) | Q(hold_expires_at__gt=clock.now()))


def taken(check_in: date, check_out: date) -> Q:
    """Whether the property of the outer query has a night taken from ``check_in`` to before ``check_out``."""
    return has_any(_overlapping(check_in, check_out).filter(property_id=OuterRef("pk")))


def taken_nights(property_id: int, start: date, end: date) -> list[date]:
    """The taken nights of a property from ``start`` to before ``end``, in order. One statement."""
    stays = _overlapping(start, end).filter(property_id=property_id)
    nights: list[date] = []
    for first, last in stays.order_by("check_in").values_list("check_in", "check_out"):
        begin, stop = max(first, start), min(last, end)
        nights += [begin + timedelta(days=number) for number in range((stop - begin).days)]
    return nights


def _overlapping(start: date, end: date) -> QuerySet[Booking]:
    """No stay is longer than LONGEST_STAY: what began before that is over, and the index need not be read there."""
    earliest = start - timedelta(days=LONGEST_STAY)
    return Booking.objects.filter(_is_live(), check_in__lt=end, check_in__gt=earliest, check_out__gt=start)
