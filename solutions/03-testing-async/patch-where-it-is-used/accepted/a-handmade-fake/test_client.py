"""What client.py promises, as tests that reach no gateway."""

from decimal import Decimal

import pytest

import client
from transport import Response


class FakePost:
    """Answers as it is told, and notes what it was asked."""

    def __init__(self):
        self.answer = Response(201, {"id": "ch_1"})
        self.sent = []

    def __call__(self, url, *, json, headers, timeout):
        self.sent.append((url, json, headers, timeout))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture(autouse=True)
def post(monkeypatch):
    fake = FakePost()
    monkeypatch.setattr(client, "post", fake)
    return fake


class TestCharge:
    def charge(self, amount="12.34", currency="EUR", reference="b-1"):
        return client.charge(Decimal(amount), currency, reference=reference)

    def test_returns_the_gateways_id(self):
        assert self.charge() == "ch_1"

    def test_sends_what_was_asked_for(self, post):
        self.charge()
        self.charge("500", "UGX", "b-2")

        url = "https://pay.staybook.example/charges"
        first = {"amount": 1234, "currency": "EUR", "reference": "b-1"}
        second = {"amount": 50000, "currency": "UGX", "reference": "b-2"}
        assert post.sent == [
            (url, first, {"Idempotency-Key": "b-1"}, 5),
            (url, second, {"Idempotency-Key": "b-2"}, 5),
        ]

    def test_no_is_no(self, post):
        post.answer = Response(402, {"reason": "expired card"})
        with pytest.raises(client.Declined) as caught:
            self.charge()
        assert str(caught.value) == "expired card"

    @pytest.mark.parametrize("trouble", [ConnectionResetError(), TimeoutError(), Response(500, {})], ids=repr)
    def test_trouble_is_gateway_down(self, post, trouble):
        post.answer = trouble
        with pytest.raises(client.GatewayDown):
            self.charge()
