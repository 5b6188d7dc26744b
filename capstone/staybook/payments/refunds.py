"""Money that goes back: owed under the payment's lock, then given by the provider, outside of any transaction."""

from __future__ import annotations

import logging
from decimal import Decimal
from uuid import UUID

from django.db.models import F, Sum

from staybook.common import clock, outbox
from staybook.common.errors import Conflict, GatewayFailed, Invalid
from staybook.common.ids import uuid7
from staybook.common.money import CENT, Money
from staybook.common.transactions import in_transaction
from staybook.payments import gateways, states
from staybook.payments.models import KEPT, Payment, PaymentStatus, Refund, RefundStatus

_log = logging.getLogger(__name__)
_BATCH = 100
LONGEST_REASON = 30


def refundable(payment: Payment) -> Decimal:
    """What was taken and is not promised back yet. True for as long as the payment is locked."""
    promised = payment.refunds.exclude(status=RefundStatus.FAILED).aggregate(sum=Sum("amount"))["sum"]
    return payment.captured - (promised or Decimal(0))


def owe(payment: Payment, amount: Decimal, reason: str) -> Refund:
    """Promise ``amount`` of a locked payment back, once for each reason. Raises Conflict for more than there is."""
    if amount > refundable(payment):
        raise Conflict("That is more than is left of the payment.", code="refund_too_much")
    if payment.refunds.filter(reason=reason).exists():
        raise Conflict("There is a refund for this reason.", code="refund_exists")
    return Refund.objects.create(payment=payment, reference=f"sbr-{uuid7().hex}", amount=amount, reason=reason)


def ask(*, payment_id: UUID, amount: Decimal | None, reason: str) -> Refund:
    """Promise a part of a payment back, or all that is left, because staff say so.

    Raises NotFound, Invalid for an amount that is none and for a long reason, Conflict where nothing was paid, for
    more than is left, and for a second refund with the same reason.
    """
    if amount is not None and (amount <= 0 or amount != amount.quantize(CENT)):
        raise Invalid("An amount is positive, in cents.", fields={"amount": "Positive, with two decimals at most."})

    if not 0 < len(reason) <= LONGEST_REASON:
        detail = f"1 to {LONGEST_REASON} characters."
        raise Invalid("Say why, in short.", fields={"reason": detail})

    def write() -> Refund:
        found = Payment.objects.filter(public_id=payment_id).values_list("pk", flat=True).first()
        payment = states.lock(found or 0)
        wanted = refundable(payment) if amount is None else amount
        if payment.status not in KEPT or wanted <= 0:
            raise Conflict("There is nothing to give back.", code="not_refundable")
        return owe(payment, wanted, f"staff: {reason}")

    return in_transaction(write)


def owe_for_cancellation(*, booking_id: int, amount: Decimal) -> Refund | None:
    """Promise back what the cancellation policy gives, or what is left of the payment if that is less.

    Belongs in the consumer's transaction. None where nothing is due: no payment was kept, or the policy gives nothing.
    """
    paid = Payment.objects.filter(booking=booking_id, status__in=KEPT).values_list("pk", flat=True).first()
    if paid is None:
        return None
    payment = states.lock(paid)
    due = min(amount, refundable(payment))
    return owe(payment, due, "cancelled") if due > 0 else None


def refund_due_once() -> int:
    """Let the providers give back what is due; return how many refunds were done.

    Those of a provider that fails stay due, and the provider is left in peace for this round.
    """
    done, failing = 0, set()
    due = Refund.objects.filter(status=RefundStatus.DUE).select_related("payment").order_by("attempts", "created_at")
    for refund in due[:_BATCH]:
        if refund.payment.provider in failing:
            continue
        try:
            done += give_back(refund)
        except GatewayFailed as error:
            failing.add(refund.payment.provider)
            _log.warning("refund not done yet", extra={"refund": refund.reference, "error": error.code})
    return done


def give_back(refund: Refund) -> bool:
    """Ask the provider, under the refund's reference; say whether this call made it done.

    What the provider refuses is failed, and for staff to look at. Raises GatewayFailed where it may work later.
    """
    payment = refund.payment
    Refund.objects.filter(pk=refund.pk).update(attempts=F("attempts") + 1)
    charge = gateways.Charge(payment.reference, Money(payment.amount, payment.currency), payment.provider_id)
    amount = Money(refund.amount, payment.captured_currency)
    try:
        gateways.get(payment.provider).refund(charge, amount, reference=refund.reference)
    except gateways.Refused as refusal:
        _log.error("refund refused", extra={"refund": refund.reference, "status": refusal.status})
        Refund.objects.filter(pk=refund.pk, status=RefundStatus.DUE).update(status=RefundStatus.FAILED)
        return False
    return in_transaction(lambda: _finish(refund))


def try_again(refund: Refund) -> None:
    """Let a failed refund be due again. Raises Conflict where its money has been promised otherwise since."""

    def renew() -> None:
        payment = states.lock(refund.payment_id)
        if not Refund.objects.filter(pk=refund.pk, status=RefundStatus.FAILED).exists():
            return
        if refund.amount > refundable(payment):
            raise Conflict("That is more than is left of the payment.", code="refund_too_much")
        Refund.objects.filter(pk=refund.pk, status=RefundStatus.FAILED).update(status=RefundStatus.DUE)

    in_transaction(renew)


def _finish(refund: Refund) -> bool:
    payment = states.lock(refund.payment_id)
    moved = Refund.objects.filter(pk=refund.pk, status=RefundStatus.DUE)
    if not moved.update(status=RefundStatus.DONE, done_at=clock.now()):
        return False
    given = payment.refunds.filter(status=RefundStatus.DONE).aggregate(sum=Sum("amount"))["sum"]
    to = PaymentStatus.REFUNDED if given >= payment.captured else PaymentStatus.PARTLY_REFUNDED
    states.move(payment.pk, (*KEPT, PaymentStatus.REFUND_DUE), to)
    outbox.publish("payment.refunded", payment_id=payment.pk, refund_id=refund.pk)
    return True
