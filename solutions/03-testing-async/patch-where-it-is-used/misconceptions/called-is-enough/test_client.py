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


def test_asks_for_the_charge_once(post):
    assert charge(Decimal("89.90"), "EUR", reference="booking 7") == "ch_7"

    post.assert_called()


def test_says_why_a_card_is_declined(post):
    post.return_value = Response(402, {"reason": "insufficient funds"})

    with pytest.raises(Declined, match="insufficient funds"):
        charge(Decimal("89.90"), "EUR", reference="booking 7")


@pytest.mark.parametrize("trouble", [TimeoutError("timed out"), [Response(503, {})]], ids=["no answer", "503"])
def test_says_that_the_gateway_is_down(post, trouble):
    post.side_effect = trouble

    with pytest.raises(GatewayDown):
        charge(Decimal("89.90"), "EUR", reference="booking 7")
