"""Giving back, step by step, through the real adapters and over HTTP."""

from __future__ import annotations

from decimal import Decimal

import pytest

from staybook.accounts.models import Role
from staybook.booking import services as booking_services
from staybook.booking.models import Status
from staybook.common import outbox
from staybook.common.errors import Conflict, Invalid
from staybook.common.models import OutboxMessage
from staybook.payments import refunds, services
from staybook.payments.models import PaymentStatus, Refund, RefundStatus
from tests.factories import make_booking, make_user
from tests.unit.paying import BOTH, pay, settle

pytest_plugins = ["tests.fakegateway.running"]
pytestmark = pytest.mark.django_db


@BOTH
@pytest.mark.parametrize("fault", ["timeout", "timeout_after", "error_before", "error_after"])
def test_a_refund_that_fails_is_given_once_in_the_end(psp, held, provider, fault):
    payment = settle(pay(psp, held, provider))
    refunds.ask(payment_id=payment.public_id, amount=Decimal("20.00"), reason="x")
    psp.arm(fault, "refund")

    given = [services.refund_due_once() for _ in range(3)]

    payment.refresh_from_db()
    assert (given, payment.status) == ([0, 1, 0], PaymentStatus.PARTLY_REFUNDED)
    assert psp.order(payment.reference)["refunded"] == 2000
    assert payment.refunds.get().attempts == 2


def test_a_refund_that_the_provider_refuses_is_for_staff(psp, held):
    payment = settle(pay(psp, held))
    refund = refunds.ask(payment_id=payment.public_id, amount=Decimal("20.00"), reason="x")
    Refund.objects.update(amount=Decimal("500.00"))

    assert services.refund_due_once() == 0

    refund.refresh_from_db()
    assert refund.status == RefundStatus.FAILED
    with pytest.raises(Conflict):
        refunds.try_again(refund)
    Refund.objects.update(amount=Decimal("20.00"))
    refund.refresh_from_db()
    refunds.try_again(refund)
    assert services.refund_due_once() == 1


def test_refunds_stop_at_what_was_paid(psp, held):
    payment = settle(pay(psp, held))
    ask = {"payment_id": payment.public_id, "amount": Decimal("150.00")}
    refunds.ask(**ask, reason="one")

    with pytest.raises(Conflict, match="more than is left"):
        refunds.ask(**ask, reason="two")
    with pytest.raises(Conflict, match="for this reason"):
        refunds.ask(payment_id=payment.public_id, amount=Decimal("1.00"), reason="one")
    assert refunds.ask(payment_id=payment.public_id, amount=None, reason="rest").amount == 70
    with pytest.raises(Conflict, match="nothing to give back"):
        refunds.ask(payment_id=payment.public_id, amount=None, reason="more")


@pytest.mark.parametrize(("amount", "reason"), [("0", "x"), ("-1", "x"), ("0.001", "x"), ("1", ""), ("1", "x" * 31)])
def test_a_refund_that_cannot_be(psp, held, amount, reason):
    payment = settle(pay(psp, held))

    with pytest.raises(Invalid):
        refunds.ask(payment_id=payment.public_id, amount=Decimal(amount), reason=reason)


@pytest.mark.parametrize(("by", "back"), [("guest", "220.00"), (Role.ADMIN, "220.00")])
def test_a_cancelled_stay_is_paid_back_by_its_policy(psp, held, by, back):
    payment = settle(pay(psp, held))
    actor = held.guest if by == "guest" else make_user(by)

    booking_services.cancel(actor=actor, booking_id=held.public_id)
    outbox.relay_once(outbox.deliver_here)
    services.refund_due_once()

    payment.refresh_from_db()
    assert (payment.refunds.get().amount, payment.status) == (Decimal(back), PaymentStatus.REFUNDED)


def test_a_cancellation_gives_no_more_than_is_left(psp, held):
    payment = settle(pay(psp, held))
    refunds.ask(payment_id=payment.public_id, amount=Decimal("200.00"), reason="x")

    assert refunds.owe_for_cancellation(booking_id=held.pk, amount=Decimal("110.00")).amount == 20
    assert refunds.owe_for_cancellation(booking_id=make_booking().pk, amount=Decimal("110.00")) is None


def test_a_provider_that_is_down_is_left_in_peace(psp, held):
    for booking in (held, make_booking(status=Status.HELD)):
        payment = settle(pay(psp, booking))
        refunds.ask(payment_id=payment.public_id, amount=None, reason="x")
    psp.arm("timeout", "refund", times=5)

    assert services.refund_due_once() == 0
    assert sorted(Refund.objects.values_list("attempts", flat=True)) == [0, 1]


def owed(psp, provider: str = "chapa", amount: str | None = None) -> Refund:
    """What is due of a payment of its own, all of 220.00 if no other amount is said."""
    payment = settle(pay(psp, make_booking(status=Status.HELD), provider))
    return refunds.ask(payment_id=payment.public_id, amount=amount and Decimal(amount), reason="x")


def status_of(refund: Refund) -> str:
    refund.refresh_from_db()
    return refund.status


def test_thirty_characters_say_why(psp, held):
    payment = settle(pay(psp, held))

    assert refunds.ask(payment_id=payment.public_id, amount=None, reason="x" * 30).reason == f"staff: {'x' * 30}"


def test_a_cent_of_a_cancelled_stay_goes_back_and_of_its_own_payment(psp, held):
    owed(psp)
    payment = settle(pay(psp, held))

    refund = refunds.owe_for_cancellation(booking_id=held.pk, amount=Decimal("0.01"))

    assert (refund.payment, refund.amount) == (payment, Decimal("0.01"))


def test_what_one_provider_fails_to_give_keeps_nothing_of_anothers(psp):
    first, second, third = owed(psp, "chapa"), owed(psp, "chapa"), owed(psp, "stripe")
    psp.arm("timeout", "refund")

    assert refunds.refund_due_once() == 1
    assert [status_of(each) for each in (first, second, third)] == ["due", "due", "done"]


def test_what_was_tried_least_is_given_first(psp, monkeypatch):
    monkeypatch.setattr(refunds, "_BATCH", 1)
    tried, new = owed(psp), owed(psp)
    Refund.objects.filter(pk=tried.pk).update(attempts=1)

    assert refunds.refund_due_once() == 1
    assert (status_of(tried), status_of(new)) == ("due", "done")


def test_a_refusal_is_of_one_refund(psp):
    refused, other = owed(psp, amount="20.00"), owed(psp)
    refused.amount = Decimal("500.00")

    assert refunds.give_back(refused) is False
    assert (status_of(refused), status_of(other)) == ("failed", "due")


def test_trying_again_is_for_one_that_failed(psp):
    done, failed, other = owed(psp), owed(psp), owed(psp)
    refunds.give_back(done)
    Refund.objects.filter(pk__in=(failed.pk, other.pk)).update(status=RefundStatus.FAILED)

    refunds.try_again(failed)
    refunds.try_again(done)

    assert [status_of(each) for each in (done, failed, other)] == ["done", "due", "failed"]


def test_a_refund_is_done_once_and_told_once(psp):
    refund = owed(psp)

    assert [refunds.give_back(refund) for _ in range(2)] == [True, False]
    told = OutboxMessage.objects.get(topic="payment.refunded")
    assert told.payload == {"payment_id": refund.payment_id, "refund_id": refund.pk}
    assert psp.order(refund.payment.reference)["refunded"] == 22000


def test_a_payment_is_refunded_when_all_of_it_was_given(psp):
    first = owed(psp, amount="110.00")
    second = refunds.ask(payment_id=first.payment.public_id, amount=None, reason="rest")
    seen = []
    for each in (first, second):
        refunds.give_back(each)
        first.payment.refresh_from_db()
        seen.append(first.payment.status)

    assert seen == [PaymentStatus.PARTLY_REFUNDED, PaymentStatus.REFUNDED]
