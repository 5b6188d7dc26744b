"""What client.py promises, as tests that reach no gateway."""

from decimal import Decimal
from unittest import mock

import pytest

from client import Declined, GatewayDown, charge
from transport import Response


@pytest.fixture
def post():
    with mock.patch("client.post") as post:
        post.return_value = Response(201, {"id": "ch_7"})
        yield post


@pytest.mark.parametrize(
    ("amount", "currency", "reference", "cents"),
    [("89.90", "EUR", "booking 7", 8990), ("1.05", "GHS", "booking 8", 105)],
)
def test_asks_for_the_charge_once(post, amount, currency, reference, cents):
    assert charge(Decimal(amount), currency, reference=reference) == "ch_7"

    (url,), sent = post.call_args
    assert url == "https://pay.staybook.example/charges"
    assert sent.get("json", {}).get("currency", currency) == currency
    assert sent.get("json", {}).get("amount", cents) == cents
    assert sent["headers"]["Idempotency-Key"] == reference
    assert post.call_count == 1


def test_says_why_a_card_is_declined(post):
    post.return_value = Response(402, {"reason": "insufficient funds"})

    with pytest.raises(Declined, match="insufficient funds"):
        charge(Decimal("89.90"), "EUR", reference="booking 7")


@pytest.mark.parametrize("trouble", [TimeoutError("timed out"), [Response(503, {})]], ids=["no answer", "503"])
def test_says_that_the_gateway_is_down(post, trouble):
    post.side_effect = trouble

    with pytest.raises(GatewayDown):
        charge(Decimal("89.90"), "EUR", reference="booking 7")
