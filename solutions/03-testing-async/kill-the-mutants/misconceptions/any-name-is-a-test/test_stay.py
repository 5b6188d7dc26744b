"""What stay.py promises, as tests."""

from datetime import date
from decimal import Decimal

import pytest
from stay import nights, quote

MAY_1 = date(2026, 5, 1)


@pytest.mark.parametrize(
    ("check_out", "count"),
    [
        (date(2026, 5, 2), 1),
        (date(2026, 5, 8), 7),
        (date(2026, 6, 2), 32),
        (date(2027, 5, 1), 365),
    ],
)
def check_counts_the_nights_between_two_days(check_out, count):
    assert nights(MAY_1, check_out) == count


@pytest.mark.parametrize("check_out", [MAY_1, date(2026, 4, 30)], ids=["same day", "day before"])
def check_refuses_a_stay_without_a_night(check_out):
    with pytest.raises(ValueError):
        nights(MAY_1, check_out)


@pytest.mark.parametrize(
    ("check_out", "nightly", "total"),
    [
        (date(2026, 5, 3), "100.00", "230.00"),
        (date(2026, 5, 7), "100.00", "630.00"),
        (date(2026, 5, 8), "100.00", "660.00"),
        (date(2026, 5, 11), "100.00", "930.00"),
        (date(2026, 5, 8), "33.35", "240.11"),
    ],
    ids=["two nights", "six nights", "a week", "ten nights", "half a cent"],
)
def check_prices_the_nights_and_the_cleaning(check_out, nightly, total):
    price = quote(MAY_1, check_out, nightly=Decimal(nightly), cleaning=Decimal("30.00"))

    assert price == Decimal(total)
