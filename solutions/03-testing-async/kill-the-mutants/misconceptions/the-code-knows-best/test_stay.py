"""What stay.py promises, as tests."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from stay import nights, quote

NIGHTLY, CLEANING = Decimal("33.35"), Decimal("30.00")


@pytest.mark.parametrize("last", [date(2026, 5, 3), date(2026, 5, 8), date(2026, 5, 11), date(2026, 6, 2)])
def test_quote_is_nights_times_price(last):
    first = date(2026, 5, 1)
    expected = nights(first, last) * NIGHTLY
    if nights(first, last) >= 7:
        expected *= Decimal("0.9")
    expected = (expected + CLEANING).quantize(Decimal("0.01"), ROUND_HALF_UP)

    assert quote(first, last, nightly=NIGHTLY, cleaning=CLEANING) == expected


def test_wrong_order():
    with pytest.raises(ValueError):
        nights(date(2026, 5, 2), date(2026, 5, 1))
