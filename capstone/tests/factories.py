"""People and places for tests, each as small as the models allow."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from staybook.accounts.models import Role, User
from staybook.booking.models import Booking, Status
from staybook.catalog.models import City, Property
from staybook.common import clock

_numbers = itertools.count(1)
PASSWORD = "correct horse battery"
SOON = date(2030, 6, 3)
"""A Monday far ahead: no test depends on today."""


def make_user(role: str = Role.GUEST, *, password: str | None = None, **fields: Any) -> User:
    """Somebody new. Without a password nobody can log in as them, and nothing is hashed."""
    number = next(_numbers)
    facts = {"email": f"person{number}@example.com", "name": f"Person {number}", "role": role} | fields
    if password is not None:
        return User.objects.create_user(password=password, **facts)
    return User.objects.create(password="!", **facts)


def make_city(**fields: Any) -> City:
    """A city, one for each slug."""
    facts = {"slug": "nairobi", "name": "Nairobi", "country": "KE", "timezone": "Africa/Nairobi"} | fields
    return City.objects.get_or_create(slug=facts.pop("slug"), defaults=facts)[0]


def make_property(host: User | None = None, **fields: Any) -> Property:
    """A listing at 100.00 a night and 20.00 for cleaning."""
    number = next(_numbers)
    facts: dict[str, Any] = {
        "title": f"Loft {number}",
        "sleeps": 4,
        "nightly": Decimal("100.00"),
        "cleaning_fee": Decimal("20.00"),
        "currency": "USD",
    }
    facts |= fields
    city = facts.pop("city", None) or make_city()
    return Property.objects.create(host=host or make_user(Role.HOST), city=city, **facts)


def make_booking(
    place: Property | None = None,
    guest: User | None = None,
    *,
    check_in: date = SOON,
    nights: int = 2,
    **fields: Any,
) -> Booking:
    """A booking as a row, past every service: confirmed unless told otherwise."""
    place = place or make_property()
    facts: dict[str, Any] = {"status": Status.CONFIRMED, "guests": 1, "cleaning_fee": place.cleaning_fee} | fields
    if facts["status"] == Status.HELD:
        facts.setdefault("hold_expires_at", clock.now() + timedelta(minutes=15))
    total = facts.pop("total", place.nightly * nights + place.cleaning_fee)
    booking = Booking.objects.create(
        property=place,
        guest=guest or make_user(),
        check_in=check_in,
        check_out=check_in + timedelta(days=nights),
        total=total,
        currency=place.currency,
        cancellation_policy=place.cancellation_policy,
        **facts,
    )
    for number in range(nights):
        booking.night_prices.create(night=check_in + timedelta(days=number), price=place.nightly)
    return booking
