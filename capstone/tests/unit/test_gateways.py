"""Webhooks and answers as bytes: who signed them, when, and what can be read from them."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from fakegateway.webhooks import sign
from staybook.common.errors import GatewayFailed, Invalid, Unauthenticated
from staybook.common.money import Money
from staybook.payments import gateways
from staybook.payments.gateways.base import Charge, Refused, State
from staybook.payments.gateways.chapa import Chapa
from staybook.payments.gateways.stripe import Stripe

SECRET = "hush"
NOW = 1_900_000_000
CHAPA_BODY = json.dumps({"event": "charge.success", "tx_ref": "sb-1", "amount": "1"}).encode()
STRIPE_BODY = json.dumps({"id": "evt_1", "data": {"object": {"client_reference_id": "sb-1"}}}).encode()
MADE = {"chapa": (Chapa, CHAPA_BODY), "stripe": (Stripe, STRIPE_BODY)}
BOTH = pytest.mark.parametrize("provider", list(MADE))


class Answers:
    """A transport that has one answer to everything."""

    def __init__(self, answer):
        self.answer = answer

    def call(self, *_, **__):
        return self.answer


def parse(provider, headers, body=None, now_s=NOW):
    kind, known = MADE[provider]
    plain = {name.lower(): value for name, value in headers.items()}
    return kind(Answers({}), SECRET).parse_webhook(plain, known if body is None else body, now_s=now_s)


@BOTH
def test_what_the_provider_signed_is_read(provider):
    event = parse(provider, sign(provider, SECRET, MADE[provider][1], NOW))

    assert event.reference == "sb-1"
    assert event.key == {"chapa": event.key, "stripe": "evt_1"}[provider]


@BOTH
def test_the_same_event_has_the_same_key(provider):
    first, later = (parse(provider, sign(provider, SECRET, MADE[provider][1], NOW + late)) for late in (0, 9))

    assert first == later


@BOTH
def test_a_signature_over_other_bytes_is_refused(provider):
    body = MADE[provider][1]
    same_meaning = json.dumps(json.loads(body), indent=1).encode()

    with pytest.raises(Unauthenticated):
        parse(provider, sign(provider, SECRET, same_meaning, NOW))


@BOTH
@pytest.mark.parametrize("headers", [{}, {"x-chapa-signature": ""}, {"stripe-signature": "t=,v1="}])
def test_no_signature_is_refused(provider, headers):
    with pytest.raises(Unauthenticated):
        parse(provider, headers)


@BOTH
def test_another_secret_is_refused(provider):
    with pytest.raises(Unauthenticated):
        parse(provider, sign(provider, "guess", MADE[provider][1], NOW))


@pytest.mark.parametrize(("age", "is_taken"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)])
def test_stripes_signature_is_good_for_five_minutes(age, is_taken):
    signed = sign("stripe", SECRET, STRIPE_BODY, NOW - age)

    if is_taken:
        assert parse("stripe", signed).key == "evt_1"
    else:
        with pytest.raises(Unauthenticated, match="too old"):
            parse("stripe", signed)


def test_one_of_stripes_signatures_is_enough():
    """While a secret is being changed, Stripe signs with both. Source: docs.stripe.com/webhooks, roll secrets."""
    good = sign("stripe", SECRET, STRIPE_BODY, NOW)["Stripe-Signature"]
    time, signature = good.split(",")

    assert parse("stripe", {"Stripe-Signature": f"{time},v0=x,v1={'0' * 64},{signature}"})
    with pytest.raises(Unauthenticated):
        parse("stripe", {"Stripe-Signature": f"{time},{signature.replace('v1', 'v0')}"})


def test_the_time_is_part_of_what_stripe_signs():
    _, signature = sign("stripe", SECRET, STRIPE_BODY, NOW - 1000)["Stripe-Signature"].split(",")

    with pytest.raises(Unauthenticated):
        parse("stripe", {"Stripe-Signature": f"t={NOW},{signature}"})


@BOTH
@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"nothing", b'{"id": "x", "data": {"object": []}}'])
def test_a_body_that_says_nothing_is_invalid(provider, body):
    with pytest.raises(Invalid):
        parse(provider, sign(provider, SECRET, body, NOW), body)


CHARGE = Charge("sb-1", Money(Decimal(1), "USD"), "cs_1")


@pytest.mark.parametrize(
    ("data", "state"),
    [
        ("pending", State.OPEN),
        ("failed", State.FAILED),
        ("cancelled", State.CLOSED),
        ("failed/cancelled", State.CLOSED),
    ],
)
def test_chapas_envelope_is_not_believed(data, state):
    answer = {"status": "success", "data": {"status": data, "tx_ref": "sb-1", "amount": 1, "currency": "ETB"}}

    assert Chapa(Answers(answer), SECRET).verify(CHARGE) == gateways.Outcome(state)


@pytest.mark.parametrize(
    "data",
    [
        None,
        {"status": "success", "tx_ref": "sb-2", "amount": 1, "currency": "ETB"},
        {"status": "paid", "tx_ref": "sb-1", "amount": 1, "currency": "ETB"},
        {"status": "success", "tx_ref": "sb-1", "amount": "x", "currency": "ETB"},
        {"status": "success", "tx_ref": "sb-1"},
    ],
)
def test_an_answer_of_chapa_that_tells_of_something_else_is_none(data):
    with pytest.raises(GatewayFailed):
        Chapa(Answers({"status": "success", "data": data}), SECRET).verify(CHARGE)


@pytest.mark.parametrize(
    "session",
    [
        {},
        {"client_reference_id": "sb-2", "payment_status": "paid", "amount_total": 1, "currency": "usd"},
        {"client_reference_id": "sb-1", "payment_status": "paid", "amount_total": "1", "currency": "usd"},
        {"client_reference_id": "sb-1", "payment_status": "paid", "amount_total": 1},
    ],
)
def test_an_answer_of_stripe_that_tells_of_something_else_is_none(session):
    with pytest.raises(GatewayFailed):
        Stripe(Answers(session), SECRET).verify(CHARGE)


@BOTH
@pytest.mark.parametrize(
    "answer", [{}, {"data": {}}, {"url": 1, "id": "cs_1", "data": {"checkout_url": 1}}, {"url": "x"}]
)
def test_an_answer_without_a_page_is_none(provider, answer):
    kind, _ = MADE[provider]

    with pytest.raises(GatewayFailed):
        kind(Answers(answer), SECRET).start(CHARGE, return_url="https://shop.example")


def test_what_chapa_refuses_to_tell_is_not_known():
    """That it never heard of a transaction is an answer: nobody pays on a page that nobody was given."""

    class Refuses:
        status = 404

        def call(self, *_, **__):
            raise Refused("no", status=self.status)

    assert Chapa(Refuses(), SECRET).verify(CHARGE) == gateways.Outcome(State.OPEN)
    Refuses.status = 400
    with pytest.raises(Refused):
        Chapa(Refuses(), SECRET).verify(CHARGE)
