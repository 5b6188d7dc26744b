"""The suite of count-nights, as pytest's documentation would have it."""

from datetime import date

import pytest
from nights import nights


@pytest.mark.parametrize(
    ("check_in", "check_out", "expected"),
    [
        (date(2024, 5, 1), date(2024, 5, 2), 1),
        (date(2024, 5, 30), date(2024, 6, 2), 3),
        (date(2024, 2, 28), date(2024, 3, 1), 2),
    ],
)
def test_counts_the_nights(check_in, check_out, expected):
    assert nights(check_in, check_out) == expected


@pytest.mark.parametrize(
    ("check_in", "check_out"),
    [(date(2024, 5, 1), date(2024, 5, 1)), (date(2024, 5, 3), date(2024, 5, 1))],
)
def test_refuses_a_stay_without_a_night(check_in, check_out):
    with pytest.raises(ValueError):
        nights(check_in, check_out)
