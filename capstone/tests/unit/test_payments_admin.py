"""Staff look at payments, and let the provider be asked; they type no money in."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from staybook.accounts.models import Role
from staybook.booking.models import Status
from staybook.common.errors import Conflict
from staybook.payments import refunds, services
from staybook.payments.models import Payment, Refund, RefundStatus, WebhookEvent
from tests.factories import make_booking, make_user

pytest_plugins = ["tests.fakegateway.running"]
pytestmark = pytest.mark.django_db
MODELS = ["payment", "refund", "webhookevent"]


@pytest.fixture
def staff(client):
    client.force_login(make_user(Role.ADMIN, is_superuser=True))
    return client


@pytest.fixture
def payment(psp):
    """Paid, with a refund that is due, and an event that was not handled yet."""
    booking = make_booking(status=Status.HELD)
    payment = services.start(guest=booking.guest, booking_id=booking.public_id, provider="chapa")
    psp.choose(payment.checkout_url)
    WebhookEvent.objects.create(provider="chapa", dedupe_key="k", reference=payment.reference, body=b"{}")
    return payment


def ask(staff, model, *rows):
    """The action of a list, and what it says."""
    chosen = {"action": "ask_the_provider", "_selected_action": [row.pk for row in rows]}
    answer = staff.post(reverse(f"admin:payments_{model}_changelist"), chosen, follow=True)
    return [str(message) for message in answer.context["messages"]]


@pytest.mark.parametrize("model", MODELS)
def test_staff_see_lists_and_add_nothing(staff, payment, model):
    assert staff.get(reverse(f"admin:payments_{model}_changelist")).status_code == 200
    assert staff.get(reverse(f"admin:payments_{model}_add")).status_code == 403


def test_staff_see_a_payment_and_change_nothing(staff, payment):
    page = staff.get(reverse("admin:payments_payment_change", args=[payment.pk]))
    staff.post(reverse("admin:payments_payment_change", args=[payment.pk]), {"amount": "1.00", "status": "refunded"})

    payment.refresh_from_db()
    assert page.status_code == 200
    assert (payment.amount, payment.status) == (220, "pending")


def test_staff_see_an_event(staff, payment):
    page = reverse("admin:payments_webhookevent_change", args=[WebhookEvent.objects.get().pk])

    assert staff.get(page).status_code == 200


def test_asking_about_a_payment(staff, payment, psp):
    psp.arm("error_before", "verify")

    failed, settled = ask(staff, "payment", payment), ask(staff, "payment", payment)

    assert "has a problem" in failed[0]
    assert settled == [f"{payment} is succeeded."]


def test_asking_about_an_event(staff, payment, psp):
    event = WebhookEvent.objects.get()
    psp.arm("error_before", "verify")

    failed, handled = ask(staff, "webhookevent", event), ask(staff, "webhookevent", event)

    assert "has a problem" in failed[0]
    assert handled == ["k is handled."]
    assert Payment.objects.get().status == "succeeded"


def test_asking_about_refunds(staff, payment, psp):
    services.settle(payment_id=payment.pk)
    refund = refunds.ask(payment_id=payment.public_id, amount=None, reason="x")
    Refund.objects.update(status=RefundStatus.FAILED)

    assert ask(staff, "refund", refund) == [f"{refund} is done."]
    assert psp.ledger(payment.reference)["refunded"] == 22000
    with pytest.raises(Conflict):
        refunds.ask(payment_id=payment.public_id, amount=None, reason="again")


def test_refunds_that_are_done_are_let_be_and_a_provider_that_fails_is_told_of(staff, payment, psp):
    services.settle(payment_id=payment.pk)
    done = refunds.ask(payment_id=payment.public_id, amount=Decimal(20), reason="done")
    refunds.give_back(done)
    due = refunds.ask(payment_id=payment.public_id, amount=Decimal(20), reason="due")
    psp.arm("error_before", "refund")

    (told,) = ask(staff, "refund", done, due)

    assert told.startswith(f"{due}: ")
    assert "has a problem" in told
