"""What stay.py promises, as tests."""

from datetime import date
from decimal import Decimal

from stay import nights, quote

MAY_1 = date(2026, 5, 1)


def test_nights():
    for day in range(2, 31):
        assert isinstance(nights(MAY_1, date(2026, 5, day)), int)


def test_quote():
    assert quote(MAY_1, date(2026, 5, 8), nightly=Decimal("33.35"), cleaning=Decimal("30.00"))


def test_wrong_order():
    try:
        nights(MAY_1, date(2026, 4, 30))
    except Exception:
        assert True
