"""Whatever the providers do: captured money is confirmed or given back, and nothing happens twice.

Twenty-five schedules, the same ones every time; ``test_payments_thousands`` plays the others.
"""

from __future__ import annotations

import itertools
import threading
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest
from django.db import connection

from staybook.booking.models import Status
from staybook.common.models import OutboxMessage
from staybook.payments import refunds, services, states
from staybook.payments.gateways.chapa import Chapa
from staybook.payments.gateways.transport import Transport
from staybook.payments.models import Payment, WebhookEvent
from tests.factories import make_booking
from tests.faults.at_once import at_once
from tests.faults.payments_machine import relay_all
from tests.faults.payments_play import play

pytest_plugins = ["tests.fakegateway.running"]
pytestmark = pytest.mark.django_db(transaction=True)
needs_row_locks = pytest.mark.skipif(
    connection.vendor == "sqlite",
    reason="SQLite has no row locks: who writes has the database to itself",
)


def test_captured_is_confirmed_and_refunded(shop):
    met = play(shop, 25)

    assert met["cents: kept for a confirmed booking"] > 0
    assert met["cents: refunded"] > 0


def paid(shop, provider: str = "stripe") -> Payment:
    """A payment of 220.00 that confirmed its booking."""
    booking = make_booking(status=Status.HELD)
    payment = services.start(guest=booking.guest, booking_id=booking.public_id, provider=provider)
    shop.choose(payment.checkout_url)
    return services.settle(payment_id=payment.pk)


def two_refunds_at_once(payment: Payment, monkeypatch) -> None:
    """Promise 150.00 twice, of 220.00: each waits, after it has read what is left, for the other to have read it."""
    both_have_read = threading.Barrier(2)
    read = refunds.refundable

    def read_and_wait(locked: Payment) -> Decimal:
        left = read(locked)
        with suppress(threading.BrokenBarrierError):
            both_have_read.wait(timeout=0.5)
        return left

    monkeypatch.setattr(refunds, "refundable", read_and_wait)
    ask = partial(refunds.ask, payment_id=payment.public_id, amount=Decimal("150.00"))
    at_once([partial(ask, reason="one"), partial(ask, reason="two")])
    promised = sum(refund.amount for refund in payment.refunds.all())
    assert promised == 150, f"{promised} was promised of {payment.captured}"


@needs_row_locks
def test_refunds_never_exceed_the_capture(shop, monkeypatch):
    two_refunds_at_once(paid(shop), monkeypatch)


@needs_row_locks
def test_control_without_the_row_lock_refunds_exceed_the_capture(shop, monkeypatch):
    payment = paid(shop)
    monkeypatch.setattr(states, "lock", lambda payment_id: Payment.objects.get(pk=payment_id))

    with pytest.raises(AssertionError, match=r"300\.00 was promised of 220\.00"):
        two_refunds_at_once(payment, monkeypatch)


def one_event_three_times(shop) -> None:
    """A webhook that is sent three times is kept once, and worked on once."""
    booking = make_booking(status=Status.HELD)
    payment = services.start(guest=booking.guest, booking_id=booking.public_id, provider="chapa")
    shop.arm("duplicate", "webhook", reference=payment.reference)
    shop.choose(payment.checkout_url)
    (delivery,) = shop.flush()
    assert delivery["statuses"] == [200, 200, 200]
    assert WebhookEvent.objects.filter(reference=payment.reference).count() == 1, "it was kept more than once"
    assert OutboxMessage.objects.filter(topic="webhook.received").count() == 1, "it is worked on more than once"


def test_a_webhook_that_comes_three_times_is_one(shop):
    one_event_three_times(shop)


def test_control_without_the_dedupe_a_webhook_is_three(shop, monkeypatch):
    known = Chapa.parse_webhook
    keys = itertools.count()

    def never_known(*args, **more):
        return replace(known(*args, **more), key=f"{next(keys)}")

    monkeypatch.setattr(Chapa, "parse_webhook", never_known)

    with pytest.raises(AssertionError, match="more than once"):
        one_event_three_times(shop)


@pytest.mark.parametrize("provider", ["chapa", "stripe"])
def test_webhook_return_and_clock_at_once_confirm_once(shop, provider):
    """Ten times, for each provider: one confirmation, one message, nothing refunded."""
    for _ in range(10):
        booking = make_booking(status=Status.HELD)
        payment = services.start(guest=booking.guest, booking_id=booking.public_id, provider=provider)
        shop.choose(payment.checkout_url)
        settle = partial(services.settle, payment_id=payment.pk)

        answers = at_once([settle, settle, settle, partial(shop.flush, payment.reference), relay_all])

        assert not [answer for answer in answers if isinstance(answer, Exception)]
        relay_all()
        booking.refresh_from_db()
        assert (booking.status, payment.refunds.count()) == (Status.CONFIRMED, 0)
        told = OutboxMessage.objects.filter(topic="payment.succeeded", payload__payment_id=payment.pk)
        assert told.count() == 1


def test_no_provider_is_asked_inside_a_transaction(shop, monkeypatch):
    inside = []
    call = Transport.call

    def watched(self, method, path, **more):
        inside.append(connection.in_atomic_block)
        return call(self, method, path, **more)

    monkeypatch.setattr(Transport, "call", watched)
    payment = paid(shop)
    shop.flush()
    relay_all()
    refunds.ask(payment_id=payment.public_id, amount=None, reason="x")
    services.refund_due_once()
    services.reconcile_once()

    assert inside
    assert not any(inside)
