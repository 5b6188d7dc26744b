"""What comes back, by policy and by days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from staybook.booking.policies import refund_for
from staybook.catalog.models import CancellationPolicy
from tests.factories import SOON, make_booking, make_city, make_property

pytestmark = pytest.mark.django_db
ALL, HALF, FEE, NONE = "220.00", "120.00", "20.00", "0.00"


def booking(policy, *, zone="UTC", **fields):
    return make_booking(make_property(cancellation_policy=policy, city=make_city(slug=zone, timezone=zone), **fields))


@pytest.mark.parametrize(
    ("policy", "days", "refund"),
    [
        ("flexible", 300, ALL),
        ("flexible", 1, ALL),
        ("flexible", 0, HALF),
        ("flexible", -1, NONE),
        ("moderate", 5, ALL),
        ("moderate", 4, HALF),
        ("moderate", 1, HALF),
        ("moderate", 0, FEE),
        ("moderate", -1, NONE),
        ("strict", 14, ALL),
        ("strict", 13, HALF),
        ("strict", 7, HALF),
        ("strict", 6, FEE),
        ("strict", 0, FEE),
        ("strict", -1, NONE),
    ],
)
def test_the_table(policy, days, refund):
    at = datetime.combine(SOON - timedelta(days), datetime.min.time(), UTC) + timedelta(hours=12)

    back = refund_for(booking(policy), at)

    assert (str(back.amount), back.currency) == (refund, "USD")


@pytest.mark.parametrize(("hour", "refund"), [(20, ALL), (21, HALF)])
def test_days_are_those_of_the_property(hour, refund):
    """Nairobi is three hours ahead: the day of arrival begins at 21:00 UTC."""
    at = datetime(2030, 6, 2, hour, tzinfo=UTC)

    assert str(refund_for(booking("flexible", zone="Africa/Nairobi"), at).amount) == refund


def test_each_night_is_rounded_by_itself_from_the_ledger():
    stay = booking("flexible", cleaning_fee=Decimal("0.00"))
    stay.night_prices.update(price=Decimal("10.01"))

    assert str(refund_for(stay, datetime(2030, 6, 3, 12, tzinfo=UTC)).amount) == "10.02"  # twice 5.005, half up


def test_every_policy_has_its_rule():
    for policy in CancellationPolicy:
        assert refund_for(booking(policy), datetime(2029, 1, 1, tzinfo=UTC)).amount == Decimal(ALL)
