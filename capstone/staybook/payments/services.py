"""Being paid: a payment is started, and settled by asking the provider, whoever gives the reason to ask.

A webhook, the guest who comes back, and the clock all end in ``settle``. No provider is asked inside a transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.db.models import F, Q

from staybook.accounts.models import User
from staybook.booking import services as booking_services
from staybook.booking.models import Booking, Status
from staybook.common import clock, outbox
from staybook.common.errors import Conflict, GatewayFailed, Invalid, NotFound
from staybook.common.ids import uuid7
from staybook.common.money import Money
from staybook.common.transactions import in_transaction, insert_unless_taken
from staybook.config.env import env
from staybook.payments import gateways, refunds, states
from staybook.payments.gateways.base import State
from staybook.payments.models import KEPT, OPEN, UNPAID, Payment, PaymentStatus, WebhookEvent
from staybook.payments.refunds import refund_due_once

__all__ = ["give_up", "handle_webhook", "receive_webhook", "reconcile_once", "refund_due_once", "settle", "start"]

ASK_AFTER = timedelta(minutes=2)
GIVE_UP_AFTER = timedelta(hours=24)
_BATCH = 100
_log = logging.getLogger(__name__)


def start(*, guest: User, booking_id: UUID, provider: str) -> Payment:
    """Open a provider's page where the guest pays for a hold. Asked again, it is the same payment and the same page.

    A page of another provider that nobody has paid on is closed first. Raises NotFound, Invalid for a provider or a
    currency that will not do, Conflict where there is nothing to pay, and GatewayFailed: after silence the payment
    stays, and the next start asks under the same reference; after an answer that is an error it has failed.
    """
    gateway = gateways.get(provider)
    payment = in_transaction(lambda: _open(guest, booking_id, provider), may_join=False)
    if payment.provider != provider:
        give_up(payment)
        payment = in_transaction(lambda: _open(guest, booking_id, provider), may_join=False)
    if payment.provider != provider:
        raise Conflict("Another payment for this booking is going on.", code="payment_open")
    if payment.checkout_url:
        return payment
    back = f"{env.public_url}/bookings/{booking_id}?payment={payment.public_id}"
    try:
        page = gateway.start(_charge_of(payment), return_url=back)
    except gateways.Silent:
        raise
    except GatewayFailed:
        states.move(payment.pk, OPEN, PaymentStatus.FAILED)
        raise
    facts = {"provider_id": page.provider_id, "checkout_url": page.url}
    Payment.objects.filter(pk=payment.pk, status=PaymentStatus.INITIATED).update(status=PaymentStatus.PENDING, **facts)
    payment.refresh_from_db()
    return payment


def settle(*, payment_id: int) -> Payment:
    """Ask the provider what became of a payment, and let it be so: the one road by which money changes anything.

    Money for a live hold confirms the booking. Money for a hold that was lost confirms it if its nights are still
    free. All other money goes back: for taken nights, for a booking that is paid or cancelled, and of a wrong amount.
    Raises NotFound and GatewayFailed.
    """
    payment = Payment.objects.filter(pk=payment_id).first()
    if payment is None:
        raise NotFound("There is no such payment.")
    if payment.status not in UNPAID:
        return payment
    outcome = gateways.get(payment.provider).verify(_charge_of(payment))
    in_transaction(lambda: _apply(payment_id, outcome))
    payment.refresh_from_db()
    return payment


def receive_webhook(*, provider: str, headers: Mapping[str, str], body: bytes) -> None:
    """Keep what a provider tells us, once; what it leads to is done later, from the outbox.

    Raises NotFound for a provider that we have none of, Unauthenticated unless it signed the body, Invalid for a body
    that says nothing.
    """
    if provider not in gateways.enabled():
        raise NotFound("There is no such provider.")
    plain = {name.lower(): value for name, value in headers.items()}
    event = gateways.get(provider).parse_webhook(plain, body, now_s=clock.now().timestamp())
    if len(event.reference) > 64 or len(event.key) > 120:
        raise Invalid("This is nothing of ours.")
    row = WebhookEvent(provider=provider, dedupe_key=event.key, reference=event.reference, body=body)

    def keep() -> None:
        if insert_unless_taken(row):
            outbox.publish("webhook.received", event_id=row.pk)

    in_transaction(keep)


def handle_webhook(*, event_id: int) -> None:
    """Settle the payment that an event tells of. Harmless when it is done twice. Raises GatewayFailed."""
    event = WebhookEvent.objects.get(pk=event_id)
    told = Payment.objects.filter(provider=event.provider, reference=event.reference).values_list("pk", flat=True)
    if (payment_id := told.first()) is not None:
        settle(payment_id=payment_id)
    WebhookEvent.objects.filter(pk=event_id, handled_at=None).update(handled_at=clock.now())


def reconcile_once() -> int:
    """Ask about every payment of which nothing was heard for two minutes; return how many are open no more.

    After a day the page is closed, and the payment given up. A provider that fails is asked again two minutes later.
    """
    now, concluded = clock.now(), 0
    quiet = Q(checked_at=None) | Q(checked_at__lt=now - ASK_AFTER)
    waiting = Payment.objects.filter(quiet, status__in=OPEN, created_at__lt=now - ASK_AFTER)
    for payment in waiting.order_by(F("checked_at").asc(nulls_first=True), "created_at")[:_BATCH]:
        if not waiting.filter(pk=payment.pk).update(checked_at=now):
            continue  # another reconciler has it
        try:
            settled = settle(payment_id=payment.pk)
            if settled.status in OPEN and settled.created_at < now - GIVE_UP_AFTER:
                settled = give_up(settled)
        except GatewayFailed as error:
            _log.warning("payment not known yet", extra={"payment": payment.reference, "error": error.code})
        else:
            concluded += settled.status not in OPEN
    return concluded


def give_up(payment: Payment) -> Payment:
    """Close a payment's page, so that nobody pays there any more, and abandon the payment unless it was paid.

    Raises GatewayFailed, and then nothing has changed.
    """
    try:
        gateways.get(payment.provider).close(_charge_of(payment))
    except gateways.Refused:
        pass  # it was paid, it is closed, or it was never opened: settle finds out
    settled = settle(payment_id=payment.pk)
    if settled.status in OPEN:
        states.move(payment.pk, OPEN, PaymentStatus.ABANDONED)
        settled.refresh_from_db()
    return settled


def _open(guest: User, booking_id: UUID, provider: str) -> Payment:
    """A new payment, or the open one that the booking has."""
    booking = Booking.objects.filter(public_id=booking_id, guest=guest).first()
    if booking is None:
        raise NotFound("There is no such booking.")
    if booking.currency not in gateways.get(provider).currencies:
        detail = f"{provider.title()} takes no {booking.currency}."
        raise Invalid(detail, code="currency_unknown", fields={"provider": detail})
    payment = Payment(
        booking=booking,
        provider=provider,
        reference=f"sb-{uuid7().hex}",
        amount=booking.total,
        currency=booking.currency,
    )
    is_new = insert_unless_taken(payment)
    # Looked at after the insert, which waits for a payment that confirms the booking at this moment.
    if not Booking.objects.filter(pk=booking.pk, status=Status.HELD, hold_expires_at__gt=clock.now()).exists():
        raise Conflict("There is no hold to pay for.", code="not_payable")
    if is_new:
        return payment
    found = booking.payments.filter(status__in=OPEN).first()
    if found is None:
        raise Conflict("A payment has just ended. Look again.", code="payment_open")
    return found


def _charge_of(payment: Payment) -> gateways.Charge:
    return gateways.Charge(payment.reference, Money(payment.amount, payment.currency), payment.provider_id)


def _apply(payment_id: int, outcome: gateways.Outcome) -> None:
    payment = states.lock(payment_id)
    if payment.status not in UNPAID:
        return  # somebody else has settled it
    if outcome.state is State.PAID and outcome.captured and outcome.captured.amount > 0:
        _take(payment, outcome.captured)
    elif outcome.state is State.FAILED:
        states.move(payment_id, OPEN, PaymentStatus.FAILED)
    elif outcome.state is State.CLOSED:
        states.move(payment_id, OPEN, PaymentStatus.ABANDONED)
    else:
        Payment.objects.filter(pk=payment_id).update(checked_at=clock.now())


def _take(payment: Payment, captured: Money) -> None:
    """Let money be what it is for, or owe it."""
    reason = _why_not_kept(payment, captured)
    payment.captured, payment.captured_currency = captured.amount, captured.currency
    to = PaymentStatus.REFUND_DUE if reason else PaymentStatus.SUCCEEDED
    if not states.move(payment.pk, UNPAID, to, captured=captured.amount, captured_currency=captured.currency):
        return
    if not reason:
        outbox.publish("payment.succeeded", payment_id=payment.pk)
    else:
        refunds.owe(payment, captured.amount, reason)
    _log.info("payment settled", extra={"payment": payment.reference, "not_kept": reason})


def _why_not_kept(payment: Payment, captured: Money) -> str:
    """The reason to give the money back; none, and the booking is confirmed by it.

    Another payment is looked for after ``confirm``, which has waited for whoever was confirming the same booking.
    """
    if captured != Money(payment.amount, payment.currency):
        return "wrong_amount"
    if not booking_services.confirm(booking_id=payment.booking_id):
        return "hold_lost"
    return "paid_twice" if Payment.objects.filter(booking=payment.booking_id, status__in=KEPT).exists() else ""
