"""The Chapa-shaped half, over HTTP, against what developer.chapa.co says."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest

from fakegateway.webhooks import sign

pytest_plugins = ["tests.fakegateway.running"]
ASKED = {"amount": "120.50", "currency": "ETB", "tx_ref": "ref-1", "return_url": "http://127.0.0.1:9/back"}


def initialize(fake, **changes):
    return fake.call("POST", "/chapa/v1/transaction/initialize", json=ASKED | changes)


def verify(fake, reference="ref-1"):
    return fake.call("GET", f"/chapa/v1/transaction/verify/{reference}")


def test_nobody_has_paid_while_the_envelope_says_success(fake):
    initialize(fake)

    answer = verify(fake).json()

    assert (answer["status"], answer["data"]["status"]) == ("success", "pending")


def test_who_pays_is_sent_back_and_the_money_is_in_the_ledger(fake):
    page = initialize(fake).json()["data"]["checkout_url"]

    back = fake.choose(page)

    assert (back.status_code, back.headers["location"]) == (303, ASKED["return_url"])
    assert verify(fake).json()["data"] | {"status": "success", "amount": 120.5, "currency": "ETB"}
    assert fake.order("ref-1")["captured"] == 12050


def test_nobody_pays_twice(fake):
    page = initialize(fake).json()["data"]["checkout_url"]
    fake.choose(page)

    assert fake.choose(page).status_code == 409
    assert fake.ledger("ref-1")["captured"] == 12050


def test_a_declined_card_ends_it(fake):
    page = initialize(fake).json()["data"]["checkout_url"]

    assert fake.choose(page, "decline").status_code == 402
    assert verify(fake).json()["data"]["status"] == "failed"
    assert fake.choose(page).status_code == 409


def test_who_goes_away_has_paid_nothing(fake):
    page = initialize(fake).json()["data"]["checkout_url"]

    assert fake.choose(page, "abandon").status_code == 303
    assert verify(fake).json()["data"]["status"] == "pending"


def test_a_cancelled_transaction_cannot_be_paid(fake):
    page = initialize(fake).json()["data"]["checkout_url"]

    assert fake.call("PUT", "/chapa/v1/transaction/cancel/ref-1").status_code == 200
    assert fake.choose(page).status_code == 409
    assert fake.call("PUT", "/chapa/v1/transaction/cancel/ref-1").status_code == 400


def test_a_reference_stands_for_one_transaction(fake):
    first = initialize(fake).json()

    assert initialize(fake).json() == first
    assert initialize(fake, amount="1").status_code == 400


@pytest.mark.parametrize("changes", [{"amount": "0"}, {"amount": "x"}, {"amount": "1.005"}, {"currency": "EUR"}])
def test_what_cannot_be_is_refused(fake, changes):
    assert initialize(fake, **changes).status_code == 400


def test_refunds_never_exceed_the_capture(fake):
    fake.choose(initialize(fake).json()["data"]["checkout_url"])

    def refund(**asked):
        return fake.call("POST", "/chapa/v1/refund/ref-1", data=asked).status_code

    assert refund(amount="100", reference="a", reason="x") == 200
    assert refund(amount="100", reference="a", reason="x") == 200
    assert refund(amount="99", reference="a", reason="x") == 400
    assert refund(amount="20.51", reference="b", reason="x") == 400
    assert refund(reference="c", reason="x") == 200
    assert fake.order("ref-1")["refunds"] == {"a": 10000, "c": 2050}


def test_a_stranger_is_refused(fake):
    assert fake.call("GET", "/chapa/v1/transaction/verify/ref-1", headers={"Authorization": ""}).status_code == 401
    assert verify(fake, "nothing").status_code == 404


def test_the_signature_is_over_the_raw_body():
    body = json.dumps({"b": 1, "a": 2}).encode()

    expected = hmac.new(b"secret", body, hashlib.sha256).hexdigest()

    assert sign("chapa", "secret", body, 0) == {"x-chapa-signature": expected}


def test_the_page_can_be_used_without_a_script(fake):
    page = fake.http.get(initialize(fake).json()["data"]["checkout_url"])

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert '<html lang="en">' in page.text
    assert "<script" not in page.text
    assert "Pay 120.50 ETB</button>" in page.text
    assert fake.http.get("/chapa/checkout/nothing").status_code == 404
