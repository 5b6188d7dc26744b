"""The beginning of the contract: each of these tests runs on the fake, and on the sandbox over HTTP."""

import pytest
from prodev.testbed.payments import PaymentSandbox

import checkout
from fakes import FakeGateway
from gateway import Declined, HttpGateway, Invalid

GOOD, POOR = "4242424242424242", "4000000000000002"


@pytest.fixture(params=["fake", "sandbox"])
def gateway(request):
    if request.param == "fake":
        yield FakeGateway()
    else:
        with PaymentSandbox() as sandbox:
            yield HttpGateway(sandbox.url)


def test_a_charge_is_listed(gateway):
    charge = gateway.charge(8990, card=GOOD, key="b-1")

    assert (charge.cents, charge.refunded) == (8990, 0)
    assert gateway.charges() == [charge]


def test_a_declined_card_is_not_charged(gateway):
    with pytest.raises(Declined, match="insufficient_funds"):
        gateway.charge(8990, card=POOR, key="b-1")

    assert gateway.charges() == []


def test_the_guest_reads_why(gateway):
    assert "not enough money" in checkout.pay(gateway, 8990, card=POOR, booking="b-1")


def test_a_key_is_charged_once(gateway):
    first = gateway.charge(8990, card=GOOD, key="b-1")

    assert gateway.charge(8990, card=GOOD, key="b-1") == first
    assert gateway.charges() == [first]


def test_no_less_than_a_cent(gateway):
    with pytest.raises(Invalid):
        gateway.charge(0, card=GOOD, key="b-1")
