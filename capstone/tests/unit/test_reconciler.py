"""What no webhook told is asked for, again and again, and given up after a day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db.models import F

from staybook.booking.models import Status
from staybook.common import clock
from staybook.payments import gateways, services
from staybook.payments.models import Payment, PaymentStatus
from tests.factories import make_booking
from tests.unit.paying import BOTH, age, lose, pay, start, status_of

pytest_plugins = ["tests.fakegateway.running"]
pytestmark = pytest.mark.django_db


@BOTH
def test_the_reconciler_finds_what_no_webhook_told(psp, held, provider):
    payment = pay(psp, held, provider)
    assert services.reconcile_once() == 0
    age(payment, minutes=3)

    assert services.reconcile_once() == 1
    assert status_of(held) == Status.CONFIRMED


def test_a_provider_that_fails_is_asked_again_two_minutes_later(psp, held):
    payment = pay(psp, held)
    age(payment, minutes=3)
    psp.arm("error_before", "verify")

    assert [services.reconcile_once() for _ in range(2)] == [0, 0]
    Payment.objects.update(checked_at=F("checked_at") - timedelta(minutes=3))
    assert services.reconcile_once() == 1


@BOTH
def test_after_a_day_the_page_is_closed(psp, held, provider):
    payment = start(held, provider)
    age(payment, hours=25)

    assert services.reconcile_once() == 1
    payment.refresh_from_db()
    assert payment.status == PaymentStatus.ABANDONED
    assert psp.choose(payment.checkout_url).status_code == 409


@BOTH
def test_a_start_that_never_arrived_is_given_up_after_a_day(psp, held, provider):
    psp.arm("timeout", "initialize")
    with pytest.raises(gateways.Silent):
        start(held, provider)
    age(held.payments.get(), hours=25)

    assert services.reconcile_once() == 1
    assert held.payments.get().status == PaymentStatus.ABANDONED


def test_the_command_reconciles_and_gives_back(psp, held, capsys):
    payment = pay(psp, held)
    lose(held)
    age(payment, minutes=3)

    call_command("reconcile")

    assert capsys.readouterr().out == "1 payments concluded, 1 refunds done\n"


def test_a_payment_of_an_hour_ago_may_be_made_still(psp, held):
    payment = start(held)
    age(payment, hours=1)

    assert services.reconcile_once() == 0
    payment.refresh_from_db()
    assert payment.status == PaymentStatus.PENDING


def test_a_reconciler_passes_by_what_another_has(psp, monkeypatch):
    payments = [pay(psp, make_booking(status=Status.HELD)) for _ in range(3)]
    for number, payment in enumerate(payments):
        age(payment, minutes=9 - number)

    def settle_while_another_asks(*, payment_id):
        Payment.objects.filter(pk=payments[1].pk).update(checked_at=clock.now())
        return settle_alone(payment_id=payment_id)

    settle_alone = services.settle
    monkeypatch.setattr(services, "settle", settle_while_another_asks)

    assert services.reconcile_once() == 2
    assert [Payment.objects.get(pk=each.pk).status for each in payments] == ["succeeded", "pending", "succeeded"]
