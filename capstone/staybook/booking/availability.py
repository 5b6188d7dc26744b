"""Which nights are taken, now: those of confirmed stays, and of holds that have not run out."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q

from staybook.booking.models import Booking, Status
from staybook.common import clock


def _is_live() -> Q:
    return Q(status=Status.CONFIRMED) | Q(status=Status.HELD, hold_expires_at__gt=clock.now())


def taken(check_in: date, check_out: date) -> Exists:
    """Whether the property of the outer query has a night taken from ``check_in`` to before ``check_out``."""
    stays = Booking.objects.filter(property_id=OuterRef("pk"), check_in__lt=check_out, check_out__gt=check_in)
    return Exists(stays.filter(_is_live()))


def taken_nights(property_id: int, start: date, end: date) -> list[date]:
    """The taken nights of a property from ``start`` to before ``end``, in order. One statement."""
    stays = Booking.objects.filter(_is_live(), property_id=property_id, check_in__lt=end, check_out__gt=start)
    nights: list[date] = []
    for first, last in stays.order_by("check_in").values_list("check_in", "check_out"):
        begin, stop = max(first, start), min(last, end)
        nights += [begin + timedelta(days=number) for number in range((stop - begin).days)]
    return nights
