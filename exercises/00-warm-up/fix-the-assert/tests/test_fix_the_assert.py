"""A stay costs its nights, and its cleaning once."""

import pytest

from prodev.testbed import explain


@pytest.mark.task("total")
@pytest.mark.parametrize("nights", [2, 3, 7, 14])
def test_the_cleaning_is_paid_once(candidate, rng, nights):
    """The total is the price of every night, and one cleaning fee."""
    price, fee = rng.randint(40, 300), rng.randint(5, 60)
    total = nights * price + fee

    found = candidate.call("price:total_price", nights, price, fee)

    assert found == total, explain(
        did=f"I asked for {nights} nights at {price}, with a cleaning fee of {fee}.",
        saw=f"You answered {found}; {nights} x {price} + {fee} is {total}.",
        why="An assert states what should be true, and its message shows what was true instead.",
        look="The line with the return: which part is multiplied by the nights, and which is not?",
    )
