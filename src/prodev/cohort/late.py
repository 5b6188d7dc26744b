"""What a late submission loses, in exact arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import msgspec

_DAY = timedelta(days=1)
_CENT = Decimal("0.01")


class Late(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The late policy of a cohort.

    Up to ``grace_minutes`` after the deadline nothing is lost. Then every day that has begun since the deadline
    costs ``per_day`` percent of the points earned; after ``days`` days nothing is left.
    """

    grace_minutes: int = 0
    per_day: Decimal = Decimal(0)
    days: int = 365

    def __post_init__(self) -> None:
        if not (self.per_day.is_finite() and 0 <= self.per_day <= 100):
            raise ValueError("per_day is a percentage from 0 to 100")
        if self.grace_minutes < 0 or self.days < 0:
            raise ValueError("grace_minutes and days are not negative")


def days_late(at: datetime, deadline: datetime, policy: Late) -> int:
    """Days begun since the deadline; 0 within the grace."""
    over = at - deadline
    return 0 if over <= timedelta(minutes=policy.grace_minutes) else -(-over // _DAY)


def award(earned: int, days: int, policy: Late | None) -> tuple[float, str]:
    """The points that count (rounded to a hundredth, half up), and in words what lateness took; empty when nothing."""
    if not days:
        return float(earned), ""
    said = f"{days} day{'' if days == 1 else 's'} late"
    if policy is None:
        return float(earned), f"{said}; the cohort has no late policy, nothing is taken"
    if days > policy.days:
        return 0.0, f"{said}, and nothing counts after {policy.days or 'the deadline'}"
    left = max(Decimal(0), 100 - policy.per_day * days)
    points = (earned * left / 100).quantize(_CENT, rounding=ROUND_HALF_UP)
    return float(points), f"{said}: {_short(left)} % of {earned} points"


def utc(time: datetime) -> str:
    """ISO 8601 in UTC, whole seconds."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _short(number: Decimal) -> str:
    return f"{number.normalize():f}"
