"""Which nights are taken, now: those of confirmed stays, and of holds that have not run out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, timedelta

from django.db.models import OuterRef, Q, QuerySet

from staybook.booking.models import LONGEST_STAY, Booking, Status
from staybook.common import clock
from staybook.common.errors import Invalid
from staybook.common.lateral import has_any

CALENDAR_DAYS, CALENDAR_MOST = 62, 400
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


def calendar_end(start: date, end: date | None) -> date:
    """The first day that a calendar from ``start`` leaves out: ``end``, or 62 days later. Raises Invalid, with fields,
    for a start at the end of time, and for more than 400 days or less than one.
    """
    if start > date.max - timedelta(days=CALENDAR_MOST):
        raise Invalid("Some fields are not right.", fields={"from": "Too far ahead."})
    end = end or start + timedelta(days=CALENDAR_DAYS)
    if not timedelta(0) < end - start <= timedelta(days=CALENDAR_MOST):
        raise Invalid("Some fields are not right.", fields={"to": f"1 to {CALENDAR_MOST} days after from."})
    return end


def taken_nights(property_id: int, start: date, end: date) -> list[date]:
    """The taken nights of a property from ``start`` to before ``end``, in order. One statement."""
    stays = _overlapping(start, end).filter(property_id=property_id).order_by("check_in")
    return [
        night
        for first, last in stays.values_list("check_in", "check_out")
        for night in _nights(max(first, start), min(last, end))
    ]


def taken_nights_of_all(property_ids: Collection[str], start: date, end: date) -> Mapping[str, list[date]]:
    """``taken_nights`` of each property, by public id; one that is free is missing. One statement."""
    stays = _overlapping(start, end).filter(property__public_id__in=property_ids).order_by("check_in")
    found: dict[str, list[date]] = defaultdict(list)
    for key, first, last in stays.values_list("property__public_id", "check_in", "check_out"):
        found[str(key)] += _nights(max(first, start), min(last, end))
    return found


def _nights(first: date, end: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((end - first).days)]


def _overlapping(start: date, end: date) -> QuerySet[Booking]:
    """No stay is longer than LONGEST_STAY: what began before that is over, and the index need not be read there."""
    earliest = start - timedelta(days=LONGEST_STAY)
    return Booking.objects.filter(_is_live(), check_in__lt=end, check_in__gt=earliest, check_out__gt=start)
