"""What time it is: moments in UTC, and the date where a property stands."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone


def now() -> datetime:
    """This moment, aware, in UTC."""
    return timezone.now()


def today_in(zone: str) -> date:
    """The date that a calendar on the wall shows in ``zone``, an IANA name such as ``Africa/Nairobi``."""
    return now().astimezone(ZoneInfo(zone)).date()
