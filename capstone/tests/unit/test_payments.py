"""Being paid, step by step, through the real adapters and over HTTP: start, settle, give up."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from decimal import Decimal

import pytest

from staybook.accounts.models import Role
from staybook.booking.models import Booking, Status
from staybook.common import clock
from staybook.common.errors import Conflict, GatewayFailed, Invalid, NotFound
from staybook.common.models import OutboxMessage
from staybook.common.money import Money
from staybook.payments import gateways, queries, refunds, services
from staybook.payments.gateways import Refused
from staybook.payments.models import Payment, PaymentStatus, WebhookEvent
from tests.factories import make_booking, make_property, make_user
from tests.unit.paying import BOTH, lose, pay, settle, start, status_of

pytest_plugins = ["tests.fakegateway.running"]
pytestmark = pytest.mark.django_db


@BOTH
def test_a_start_gives_a_page_to_pay_on(psp, held, provider):
    payment = start(held, provider)

    assert payment.status == PaymentStatus.PENDING
    assert payment.checkout_url.startswith(psp.url)
    order = psp.order(payment.reference)
    assert (order["amount"], order["currency"]) == (22000, "USD")


@BOTH
def test_a_second_start_is_the_same_payment(psp, held, provider):
    assert start(held, provider) == start(held, provider)
    assert psp.ledger(held.payments.get().reference)["calls"][held.payments.get().reference] == {"initialize": 1}


@BOTH
def test_after_silence_the_next_start_asks_under_the_same_reference(psp, held, provider):
    psp.arm("timeout_after", "initialize")
    with pytest.raises(gateways.Silent):
        start(held, provider)
    silent = held.payments.get()

    payment = start(held, provider)

    assert silent.status == PaymentStatus.INITIATED
    assert (payment, payment.status) == (silent, PaymentStatus.PENDING)
    assert len(psp.ledger(payment.reference)["orders"]) == 1


@BOTH
def test_after_an_error_the_next_start_is_another_payment(psp, held, provider):
    psp.arm("error_after", "initialize")
    with pytest.raises(GatewayFailed):
        start(held, provider)

    payment = start(held, provider)

    assert payment.status == PaymentStatus.PENDING
    assert held.payments.exclude(pk=payment.pk).get().status == PaymentStatus.FAILED


def test_another_provider_closes_the_first_page(psp, held):
    first = start(held, "chapa")

    second = start(held, "stripe")

    first.refresh_from_db()
    assert (first.status, second.status) == (PaymentStatus.ABANDONED, PaymentStatus.PENDING)
    assert psp.choose(first.checkout_url).status_code == 409


def test_another_provider_finds_that_the_first_was_paid(psp, held):
    pay(psp, held, "chapa")

    with pytest.raises(Conflict) as refusal:
        start(held, "stripe")

    assert refusal.value.code == "not_payable"
    assert status_of(held) == Status.CONFIRMED


@pytest.mark.parametrize("status", [Status.CONFIRMED, Status.CANCELLED, Status.EXPIRED])
def test_only_a_hold_is_paid_for(psp, status):
    with pytest.raises(Conflict, match="no hold"):
        start(make_booking(status=status))

    assert not Payment.objects.exists()


def test_a_hold_that_is_over_is_not_paid_for(psp):
    booking = make_booking(status=Status.HELD, hold_expires_at=clock.now() - timedelta(seconds=1))

    with pytest.raises(Conflict):
        start(booking)


def test_nobody_pays_for_another_guest(psp, held):
    with pytest.raises(NotFound):
        services.start(guest=make_user(), booking_id=held.public_id, provider="chapa")


def test_a_provider_or_a_currency_that_will_not_do(psp, held):
    euros = make_booking(make_property(currency="EUR"), status=Status.HELD)

    with pytest.raises(Invalid, match="takes no EUR"):
        start(euros, "chapa")
    with pytest.raises(Invalid, match="chapa or stripe"):
        start(held, "cash")


@BOTH
def test_money_for_a_hold_confirms_it(psp, held, provider):
    payment = settle(pay(psp, held, provider))

    assert (payment.status, payment.captured) == (PaymentStatus.SUCCEEDED, held.total)
    assert status_of(held) == Status.CONFIRMED
    assert [message.payload for message in OutboxMessage.objects.filter(topic="payment.succeeded")] == [
        {"payment_id": payment.pk}
    ]


def test_a_settled_payment_is_not_asked_about_again(psp, held):
    payment = settle(pay(psp, held))

    settle(payment)

    assert psp.ledger(payment.reference)["calls"][payment.reference]["verify"] == 1


@BOTH
def test_what_nobody_paid_stays_open(psp, held, provider):
    payment = settle(start(held, provider))

    assert payment.status == PaymentStatus.PENDING
    assert payment.checked_at
    assert status_of(held) == Status.HELD


def test_a_declined_card_ends_a_chapa_payment_and_another_may_begin(psp, held):
    payment = start(held)
    psp.choose(payment.checkout_url, "decline")

    assert settle(payment).status == PaymentStatus.FAILED
    assert start(held) != payment


@BOTH
def test_money_for_a_lost_hold_goes_back_once(psp, held, provider):
    payment = pay(psp, held, provider)
    lose(held)

    settle(payment)
    given = [services.refund_due_once() for _ in range(2)]

    payment.refresh_from_db()
    assert (given, payment.status) == ([1, 0], PaymentStatus.REFUNDED)
    assert psp.order(payment.reference)["refunded"] == 22000
    assert payment.refunds.get().reason == "hold_lost"


@BOTH
def test_money_for_a_lost_hold_takes_free_nights_back(psp, held, provider):
    payment = pay(psp, held, provider)
    Booking.objects.filter(pk=held.pk).update(status=Status.EXPIRED, hold_expires_at=None)

    assert settle(payment).status == PaymentStatus.SUCCEEDED
    assert status_of(held) == Status.CONFIRMED


@BOTH
@pytest.mark.parametrize("fault", ["wrong_amount", "wrong_currency"])
def test_other_money_never_confirms_and_goes_back_as_it_came(psp, held, provider, fault):
    psp.arm(fault, "pay")
    payment = settle(pay(psp, held, provider))
    services.refund_due_once()

    payment.refresh_from_db()
    order = psp.order(payment.reference)
    assert (payment.status, status_of(held)) == (PaymentStatus.REFUNDED, Status.HELD)
    assert order["refunded"] == order["captured"] > 0
    assert payment.captured_currency == order["captured_currency"]


def test_a_second_payment_for_one_booking_goes_back(psp, held):
    first = pay(psp, held, "chapa")
    Payment.objects.filter(pk=first.pk).update(status=PaymentStatus.ABANDONED)
    second = settle(pay(psp, held, "stripe"))

    first = settle(first)

    assert (second.status, first.status) == (PaymentStatus.SUCCEEDED, PaymentStatus.REFUND_DUE)
    assert first.refunds.get().reason == "paid_twice"


def test_what_was_given_up_may_still_be_paid(psp, held):
    payment = pay(psp, held)
    Payment.objects.filter(pk=payment.pk).update(status=PaymentStatus.FAILED)

    assert settle(payment).status == PaymentStatus.SUCCEEDED


def test_there_is_no_such_payment():
    with pytest.raises(NotFound):
        services.settle(payment_id=0)
    with pytest.raises(NotFound):
        refunds.ask(payment_id=make_user().public_id, amount=None, reason="x")


def test_a_gateway_that_cannot_be_reached_is_silent(psp, held, monkeypatch):
    monkeypatch.setattr(gateways, "env", gateways.env.model_copy(update={"chapa_url": "http://127.0.0.1:9"}))
    gateways._made.cache_clear()

    with pytest.raises(gateways.Silent):
        gateways.get("chapa").verify(gateways.Charge("x", Money(Decimal(1), "ETB")))


def test_paid_with_nothing_is_not_paid(psp, held, monkeypatch):
    payment = start(held)
    nothing = gateways.Outcome(gateways.base.State.PAID, Money(Decimal(0), "USD"))
    monkeypatch.setattr(type(gateways.get("chapa")), "verify", lambda *_: nothing)

    assert settle(payment).status == PaymentStatus.PENDING
    assert status_of(held) == Status.HELD


def test_what_a_provider_refuses_is_not_asked_again(psp):
    with pytest.raises(Refused):
        gateways.get("chapa").start(gateways.Charge("x", Money(Decimal(1), "EUR")), return_url="")


@pytest.mark.parametrize(("reference", "key", "is_kept"), [(64, 120, True), (65, 120, False), (64, 121, False)])
def test_what_a_webhook_names_has_a_length(psp, monkeypatch, reference, key, is_kept):
    event = gateways.Event(reference="r" * reference, key="k" * key)
    monkeypatch.setattr(type(gateways.get("chapa")), "parse_webhook", lambda *_, **__: event)

    with nullcontext() if is_kept else pytest.raises(Invalid):
        services.receive_webhook(provider="chapa", headers={}, body=b"{}")

    assert WebhookEvent.objects.count() == is_kept


def test_a_payment_is_read_with_its_booking_and_its_refunds(psp, held, django_assert_num_queries):
    other = settle(pay(psp, make_booking(status=Status.HELD)))
    payment = settle(pay(psp, held))
    refund = refunds.ask(payment_id=payment.public_id, amount=None, reason="x")
    staff = make_user(Role.ADMIN)

    with django_assert_num_queries(2):
        found = queries.payment_for(reader=staff, payment_id=payment.public_id)
        assert (found, found.booking, list(found.refunds.all())) == (payment, held, [refund])
    assert queries.payment_for(reader=held.guest, payment_id=payment.public_id) == payment
    with pytest.raises(NotFound):
        queries.payment_for(reader=held.guest, payment_id=other.public_id)
