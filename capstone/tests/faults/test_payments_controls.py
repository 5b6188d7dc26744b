"""Each of these mistakes is found by the schedules that staybook itself passes: the machine and its judge are awake."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from django.db import connection
from hypothesis.errors import Flaky

from staybook.payments import refunds, states
from staybook.payments.gateways.base import Outcome, State
from staybook.payments.gateways.chapa import Chapa
from staybook.payments.gateways.stripe import Stripe
from staybook.payments.models import Payment
from tests.faults.payments_play import play

pytest_plugins = ["tests.fakegateway.running"]
pytestmark = pytest.mark.django_db(transaction=True)
ENOUGH = 300


def refunds_that_are_not_owed(monkeypatch):
    """Money for a lost hold is forgotten."""
    monkeypatch.setattr(refunds, "owe", lambda *_: None)


def no_row_lock(monkeypatch):
    monkeypatch.setattr(states, "lock", lambda payment_id: Payment.objects.get(pk=payment_id))


def no_dedupe_of_webhooks(monkeypatch):
    keys = itertools.count()
    for gateway in (Chapa, Stripe):

        def never_known(*args, known=gateway.parse_webhook, **more):
            return replace(known(*args, **more), key=f"{next(keys)}")

        monkeypatch.setattr(gateway, "parse_webhook", never_known)


def confirmed_without_verify(monkeypatch):
    """Whoever gives a reason to ask is believed."""
    for gateway in (Chapa, Stripe):
        monkeypatch.setattr(gateway, "verify", lambda self, charge: Outcome(State.PAID, charge.money))


def no_dedupe_of_refunds(monkeypatch):
    """Asked again after an error or silence, a refund is a new one to the provider."""
    asked = set()
    for gateway in (Chapa, Stripe):

        def as_new(self, charge, amount, *, reference, known=gateway.refund):
            again = f"{reference}-{len(asked)}" if reference in asked else reference
            asked.add(again)
            known(self, charge, amount, reference=again)

        monkeypatch.setattr(gateway, "refund", as_new)


@pytest.mark.parametrize(
    "mistake",
    [
        refunds_that_are_not_owed,
        no_dedupe_of_webhooks,
        confirmed_without_verify,
        no_dedupe_of_refunds,
        pytest.param(
            no_row_lock,
            marks=pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time"),
        ),
    ],
)
def test_control_a_mistake_is_found(shop, monkeypatch, mistake):
    mistake(monkeypatch)

    with pytest.raises((AssertionError, Flaky)):  # flaky is what it says of a race that is lost by chance
        play(shop, ENOUGH, shrink=False)
