"""What client.py promises, as tests that reach no gateway."""

from decimal import Decimal
from unittest import mock

import pytest

from client import Declined, GatewayDown, charge
from transport import Response


@pytest.fixture
def post():
    with mock.patch("client.post", autospec=True) as post:
        post.return_value = Response(201, {"id": "ch_7"})
        yield post


@pytest.mark.parametrize(
    ("amount", "currency", "reference", "cents"),
    [("89.90", "EUR", "booking 7", 8990), ("1.05", "GHS", "booking 8", 105)],
)
def test_asks_for_the_charge_once(post, amount, currency, reference, cents):
    assert charge(Decimal(amount), currency, reference=reference) == "ch_7"

    post.assert_called_once_with(
        "https://pay.staybook.example/charges",
        json={"amount": cents, "currency": currency, "reference": reference},
        headers={"Idempotency-Key": reference},
        timeout=5,
    )
