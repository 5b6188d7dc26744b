"""What stay.py promises, as tests."""

from datetime import date
from decimal import Decimal

from stay import nights, quote


def test_two_nights():
    assert nights(date(2026, 5, 1), date(2026, 5, 3)) == 2


def test_price():
    price = quote(date(2026, 5, 1), date(2026, 5, 3), nightly=Decimal("100.00"), cleaning=Decimal("30.00"))

    assert price == Decimal("230.00")
