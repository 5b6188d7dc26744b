"""What client.py promises, as tests that reach no gateway."""

import io
import json
from decimal import Decimal
from email.message import Message
from unittest import mock
from urllib.error import HTTPError, URLError

import pytest

from client import Declined, GatewayDown, charge


class Answer(io.BytesIO):
    status = 201


@pytest.fixture
def urlopen():
    with mock.patch("transport.urlopen", autospec=True) as urlopen:
        urlopen.side_effect = lambda *_, **__: Answer(b'{"id": "ch_9"}')
        yield urlopen


@pytest.mark.parametrize("amount", ["10.00", "7.77"])
@pytest.mark.parametrize("currency", ["EUR", "ZAR"])
def test_puts_one_charge_on_the_wire(urlopen, amount, currency):
    assert charge(Decimal(amount), currency, reference="stay 3") == "ch_9"

    urlopen.assert_called_once()
    (request,) = urlopen.call_args.args
    assert request.full_url == "https://pay.staybook.example/charges"
    assert request.get_method() == "POST"
    assert request.get_header("Idempotency-key") == "stay 3"
    assert json.loads(request.data) == {
        "amount": int(amount.replace(".", "")),
        "currency": currency,
        "reference": "stay 3",
    }


def test_reads_a_refusal(urlopen):
    urlopen.side_effect = HTTPError("", 402, "Payment Required", Message(), io.BytesIO(b'{"reason": "limit"}'))

    with pytest.raises(Declined, match="limit"):
        charge(Decimal("10.00"), "EUR", reference="stay 3")


def test_reads_silence(urlopen):
    urlopen.side_effect = URLError("unreachable")

    with pytest.raises(GatewayDown):
        charge(Decimal("10.00"), "EUR", reference="stay 3")


def test_reads_a_late_answer(urlopen):
    urlopen.side_effect = TimeoutError()

    with pytest.raises(GatewayDown):
        charge(Decimal("10.00"), "EUR", reference="stay 3")
