"""Nights of half-open stays."""

from datetime import date

import pytest

from prodev.testbed import explain

LESSON = "See lesson 'Half-open stays', section 'Explain'"


@pytest.mark.task("half-open")
@pytest.mark.parametrize(
    ("check_in", "check_out", "expected"),
    [
        (date(2024, 5, 1), date(2024, 5, 2), 1),
        (date(2024, 5, 30), date(2024, 6, 2), 3),
        (date(2024, 2, 28), date(2024, 3, 1), 2),
    ],
)
def test_counts_the_nights(candidate, check_in, check_out, expected):
    """The nights of a stay are counted from the first evening to the last morning."""
    answer = candidate.call("nights:nights", check_in, check_out)

    assert answer == expected, explain(
        did=f"I asked for the nights from {check_in} to {check_out}",
        saw=f"You answered {answer}; the guest sleeps {expected}",
        why="A stay is half-open: the day of check-out belongs to the next guest",
        look=LESSON,
    )


@pytest.mark.task("refuses")
@pytest.mark.parametrize(
    ("check_in", "check_out"),
    [(date(2024, 5, 1), date(2024, 5, 1)), (date(2024, 5, 3), date(2024, 5, 1))],
)
def test_refuses_a_stay_without_a_night(candidate, check_in, check_out):
    """Dates with no night between them raise ValueError."""
    answer = candidate.call("nights:nights", check_in, check_out)

    assert getattr(answer, "type", None) == "ValueError", explain(
        did=f"I asked for the nights from {check_in} to {check_out}",
        saw=f"I saw {answer} and no ValueError",
        why="A booking without a night is a mistake, and a mistake that passes becomes an invoice",
        look=LESSON,
    )
