"""Payments as a program sees them, over HTTP: who may do what, what is answered, and what webhooks may do."""

from __future__ import annotations

import json
import time
import uuid

import pytest

from fakegateway.webhooks import sign
from staybook.accounts.models import Role
from staybook.booking.models import Status
from staybook.common import outbox
from staybook.common.models import OutboxMessage
from staybook.payments import services
from staybook.payments.models import Payment, WebhookEvent
from tests.factories import make_booking, make_user

pytest_plugins = ["tests.fakegateway.running"]
pytestmark = pytest.mark.django_db
SECRETS = {"chapa": "chapa-development", "stripe": "whsec_development"}
BOTH = pytest.mark.parametrize("provider", ["chapa", "stripe"])


@pytest.fixture
def admin():
    return make_user(Role.ADMIN)


def start(api, booking, provider="chapa", key="key-1", user=None):
    path = f"/api/v1/bookings/{booking.public_id}/payments"
    return api.as_(user or booking.guest).post(path, {"provider": provider}, Idempotency_Key=key)


def paid(api, psp, booking, provider="chapa"):
    payment = start(api, booking, provider).json()
    psp.choose(payment["checkout_url"])
    return api.as_(booking.guest).post(f"/api/v1/payments/{payment['id']}/check").json()


@BOTH
def test_a_payment_from_start_to_end(api, psp, held, provider):
    answer = start(api, held, provider)
    payment = answer.json()
    back = psp.choose(payment["checkout_url"]).headers["location"]
    checked = api.as_(held.guest).post(f"/api/v1/payments/{payment['id']}/check")

    assert answer.status_code == 201
    assert answer["Location"] == f"/api/v1/payments/{payment['id']}"
    assert (payment["status"], payment["amount"], payment["currency"]) == ("pending", "220.00", "USD")
    assert back.endswith(f"/bookings/{held.public_id}?payment={payment['id']}")
    assert (checked.status_code, checked.json()["status"]) == (200, "succeeded")
    assert api.as_(held.guest).get(answer["Location"]).json() == checked.json()


def test_the_same_key_is_answered_with_the_same_bytes(api, psp, held):
    first, second = start(api, held), start(api, held)

    assert second.content == first.content
    assert second["Idempotent-Replayed"] == "true"
    assert start(api, held, "stripe").status_code == 422
    assert Payment.objects.count() == 1


def test_without_a_key_nothing_begins(api, psp, held):
    path = f"/api/v1/bookings/{held.public_id}/payments"

    assert api.as_(held.guest).post(path, {"provider": "chapa"}).json()["code"] == "idempotency_key_missing"


def test_a_provider_that_fails_is_a_502_and_the_key_is_not_used_up(api, psp, held):
    psp.arm("timeout", "initialize")

    answers = [start(api, held).status_code for _ in range(2)]

    assert answers == [502, 201]


def test_who_may_see_a_payment(api, psp, held, admin):
    payment = start(api, held).json()
    path = f"/api/v1/payments/{payment['id']}"

    seen = [api.as_(user).get(path).status_code for user in (None, make_user(), held.property.host, held.guest, admin)]

    assert seen == [401, 404, 404, 200, 200]
    assert api.as_(make_user()).post(f"{path}/check").status_code == 404
    assert start(api, held, key="other", user=make_user()).status_code == 404


def test_what_cannot_be_paid(api, psp):
    over = make_booking(status=Status.EXPIRED)

    assert (start(api, over).status_code, start(api, over, key="b").json()["code"]) == (409, "not_payable")
    assert start(api, over, "cash", key="c").json()["fields"].keys() == {"provider"}


def test_staff_refund(api, psp, held, admin):
    payment = paid(api, psp, held)
    path = f"/api/v1/payments/{payment['id']}/refunds"
    asked = {"amount": "20.00", "reason": "no hot water"}

    first, again = (api.as_(admin).post(path, asked, Idempotency_Key="r1") for _ in range(2))
    too_much = api.as_(admin).post(path, {"amount": "200.01", "reason": "more"}, Idempotency_Key="r2")
    refused = [api.as_(user).post(path, asked, Idempotency_Key="r3").status_code for user in (None, held.guest)]
    services.refund_due_once()

    assert (first.status_code, first.json()["amount"], first.json()["status"]) == (201, "20.00", "due")
    assert again.content == first.content
    assert (too_much.status_code, too_much.json()["code"]) == (409, "refund_too_much")
    assert refused == [401, 403]
    seen = api.as_(held.guest).get(f"/api/v1/payments/{payment['id']}").json()
    assert (seen["status"], seen["refunds"][0]["status"]) == ("partly_refunded", "done")
    assert psp.ledger(Payment.objects.get().reference)["refunded"] == 2000


@pytest.mark.parametrize("asked", [{"amount": "0", "reason": "x"}, {"amount": "x", "reason": "x"}, {"amount": "1"}])
def test_a_refund_that_cannot_be(api, psp, held, admin, asked):
    payment = paid(api, psp, held)

    answer = api.as_(admin).post(f"/api/v1/payments/{payment['id']}/refunds", asked, Idempotency_Key="r")

    assert answer.status_code == 400


def body_of(provider, reference):
    if provider == "chapa":
        return json.dumps({"event": "charge.success", "tx_ref": reference, "status": "success"}).encode()
    return json.dumps({"id": "evt_1", "data": {"object": {"client_reference_id": reference}}}).encode()


def send(api, provider, body, secret=None, at=None, headers=None):
    signed = sign(provider, secret or SECRETS[provider], body, int(at or time.time()))
    named = {name.replace("-", "_"): value for name, value in (signed if headers is None else headers).items()}
    return api.post(f"/api/v1/webhooks/{provider}", body, **named)


@BOTH
def test_a_webhook_that_lies_changes_nothing(api, psp, held, provider):
    """It says paid; the provider says not. The provider is asked."""
    start(api, held, provider)
    payment = Payment.objects.get()

    assert send(api, provider, body_of(provider, payment.reference)).status_code == 200
    outbox.relay_once(outbox.deliver_here)

    payment.refresh_from_db()
    held.refresh_from_db()
    assert (payment.status, held.status) == ("pending", Status.HELD)
    assert WebhookEvent.objects.get().handled_at


@BOTH
def test_a_webhook_makes_us_ask(api, psp, held, provider):
    start(api, held, provider)
    payment = Payment.objects.get()
    psp.choose(payment.checkout_url)

    send(api, provider, body_of(provider, payment.reference))
    outbox.relay_once(outbox.deliver_here)

    held.refresh_from_db()
    assert held.status == Status.CONFIRMED


@BOTH
def test_a_webhook_that_comes_twice_is_kept_once(api, provider):
    body = body_of(provider, "nothing of ours")

    assert [send(api, provider, body).status_code for _ in range(2)] == [200, 200]
    assert WebhookEvent.objects.count() == OutboxMessage.objects.filter(topic="webhook.received").count() == 1
    outbox.relay_once(outbox.deliver_here)
    assert WebhookEvent.objects.get().handled_at


@BOTH
@pytest.mark.parametrize("how", [{"secret": "guess"}, {"headers": {}}])
def test_a_webhook_that_nobody_signed_has_no_effect(api, provider, how):
    answer = send(api, provider, body_of(provider, "x"), **how)

    assert (answer.status_code, answer.json()["code"]) == (401, "signature_invalid")
    assert not WebhookEvent.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_a_webhook_that_was_signed_long_ago_has_no_effect(api):
    answer = send(api, "stripe", body_of("stripe", "x"), at=time.time() - 3600)

    assert (answer.status_code, answer.json()["code"]) == (401, "signature_stale")
    assert not WebhookEvent.objects.exists()


def test_a_webhook_of_a_stranger_and_one_that_says_nothing(api):
    assert api.post("/api/v1/webhooks/cash", b"{}").status_code == 404
    assert send(api, "chapa", b"{}").status_code == 400
    assert send(api, "chapa", body_of("chapa", "x" * 65)).status_code == 400


def test_there_is_no_such_payment(api, admin):
    path = f"/api/v1/payments/{uuid.uuid4()}"

    assert api.as_(admin).get(path).status_code == 404
    refund = api.as_(admin).post(f"{path}/refunds", {"reason": "x"}, Idempotency_Key="r")
    assert (refund.status_code, refund.json()["code"]) == (404, "not_found")
