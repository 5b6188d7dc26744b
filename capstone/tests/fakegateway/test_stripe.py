"""The Stripe-shaped half, over HTTP, against what docs.stripe.com says of sessions, refunds and idempotent requests."""

from __future__ import annotations

import pytest

pytest_plugins = ["tests.fakegateway.running"]
PRICE = "line_items[0][price_data]"
ASKED = {
    "mode": "payment",
    "client_reference_id": "ref-1",
    "success_url": "http://127.0.0.1:9/paid",
    "cancel_url": "http://127.0.0.1:9/not",
    f"{PRICE}[currency]": "usd",
    f"{PRICE}[unit_amount]": "12050",
}


def create(fake, key="", **changes):
    headers = {"Idempotency-Key": key} if key else {}
    return fake.call("POST", "/stripe/v1/checkout/sessions", data=ASKED | changes, headers=headers)


def refund(fake, intent, key="", **asked):
    headers = {"Idempotency-Key": key} if key else {}
    return fake.call("POST", "/stripe/v1/refunds", data={"payment_intent": intent, **asked}, headers=headers)


@pytest.fixture
def paid(fake):
    session = create(fake).json()
    fake.choose(session["url"])
    return fake.call("GET", f"/stripe/v1/checkout/sessions/{session['id']}").json()


def test_a_paid_session(fake, paid):
    facts = {name: paid[name] for name in ("status", "payment_status", "amount_total", "currency", "url")}

    assert facts == {
        "status": "complete",
        "payment_status": "paid",
        "amount_total": 12050,
        "currency": "usd",
        "url": None,
    }
    assert paid["payment_intent"].startswith("pi_")


def test_after_a_declined_card_another_may_be_tried(fake):
    session = create(fake).json()

    assert fake.choose(session["url"], "decline").status_code == 402
    assert fake.choose(session["url"]).headers["location"] == ASKED["success_url"]


def test_who_goes_away_comes_to_the_cancel_url(fake):
    assert fake.choose(create(fake).json()["url"], "abandon").headers["location"] == ASKED["cancel_url"]


def test_an_expired_session_cannot_be_paid(fake):
    session = create(fake).json()

    expired = fake.call("POST", f"/stripe/v1/checkout/sessions/{session['id']}/expire")

    assert (expired.status_code, expired.json()["status"]) == (200, "expired")
    assert fake.choose(session["url"]).status_code == 409


def test_a_paid_session_cannot_be_expired(fake, paid):
    assert fake.call("POST", f"/stripe/v1/checkout/sessions/{paid['id']}/expire").status_code == 400


def test_the_same_key_gives_the_same_answer(fake):
    first, second = create(fake, "key-1"), create(fake, "key-1")

    assert second.content == first.content
    assert ("idempotent-replayed" in first.headers, second.headers["idempotent-replayed"]) == (False, "true")


def test_other_parameters_under_the_same_key_are_an_error(fake):
    create(fake, "key-1")

    answer = create(fake, "key-1", **{f"{PRICE}[unit_amount]": "1"})

    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "idempotency_error")


def test_a_key_is_forgotten_after_24_hours(fake, paid):
    first = refund(fake, paid["payment_intent"], "key-1", amount="100").json()
    fake.http.post("/control/clock", json={"advance_s": 24 * 3600 - 60})
    assert refund(fake, paid["payment_intent"], "key-1", amount="100").json() == first

    fake.http.post("/control/clock", json={"advance_s": 120})

    assert refund(fake, paid["payment_intent"], "key-1", amount="100").json()["id"] != first["id"]
    assert fake.ledger("ref-1")["refunded"] == 200


def test_a_500_after_the_work_is_kept_too(fake, paid):
    fake.arm("error_after", "refund")

    answers = [refund(fake, paid["payment_intent"], "key-1", amount="100").status_code for _ in range(2)]

    assert answers == [500, 500]
    assert fake.ledger("ref-1")["refunded"] == 100


def test_a_500_before_the_work_is_not_kept(fake, paid):
    fake.arm("error_before", "refund")

    answers = [refund(fake, paid["payment_intent"], "key-1", amount="100").status_code for _ in range(2)]

    assert answers == [500, 200]


def test_after_silence_the_same_key_tells_what_happened(fake, paid):
    fake.arm("timeout_after", "refund")

    assert refund(fake, paid["payment_intent"], "key-1", amount="100") is None
    assert refund(fake, paid["payment_intent"], "key-1", amount="100").status_code == 200
    assert fake.ledger("ref-1")["refunded"] == 100


def test_refunds_never_exceed_the_capture(fake, paid):
    assert refund(fake, paid["payment_intent"], amount="12051").status_code == 400
    assert refund(fake, paid["payment_intent"], **{"metadata[reference]": "mine"}).status_code == 200
    assert refund(fake, paid["payment_intent"], amount="1").status_code == 400

    listed = fake.call("GET", "/stripe/v1/refunds", params={"payment_intent": paid["payment_intent"]}).json()["data"]

    assert [(one["metadata"]["reference"], one["amount"]) for one in listed] == [("mine", 12050)]


@pytest.mark.parametrize("changes", [{"mode": "setup"}, {f"{PRICE}[unit_amount]": "1.5"}, {f"{PRICE}[currency]": ""}])
def test_what_cannot_be_is_refused(fake, changes):
    assert create(fake, **changes).json()["error"]["type"] == "invalid_request_error"


def test_a_stranger_is_refused(fake):
    assert fake.call("POST", "/stripe/v1/refunds", headers={"Authorization": "Bearer x"}).status_code in (401, 404)
    assert create(fake, "k" * 256).status_code == 400
