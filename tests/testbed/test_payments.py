"""The sandbox of a payment gateway, as a client meets it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest

from prodev.testbed.payments import PaymentSandbox

GOOD, POOR = "4242424242424242", "4000000000000002"


class Client:
    """Asks the sandbox, and returns a status and a body."""

    def __init__(self, url: str) -> None:
        self._host = url.removeprefix("http://")

    def charge(self, cents: Any, card: str = GOOD, key: str = "k-1") -> tuple[int, Any]:
        return self.ask("POST", "/charges", {"cents": cents, "card": card}, key)

    def refund(self, id: str, cents: Any) -> tuple[int, Any]:
        return self.ask("POST", f"/charges/{id}/refunds", {"cents": cents})

    def charges(self) -> Any:
        return self.ask("GET", "/charges")[1]

    def ask(self, method: str, path: str, sent: Any = None, key: str = "") -> tuple[int, Any]:
        connection = HTTPConnection(self._host, timeout=5)
        try:
            connection.request(method, path, json.dumps(sent), {"Idempotency-Key": key} if key else {})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()


@pytest.fixture
def client() -> Iterator[Client]:
    with PaymentSandbox() as sandbox:
        yield Client(sandbox.url)


def test_charges_and_lists(client: Client) -> None:
    status, charge = client.charge(8990)

    assert (status, charge["cents"], charge["refunded"]) == (201, 8990, 0)
    assert client.charges() == [charge]


@pytest.mark.parametrize(("card", "reason"), [(POOR, "insufficient_funds"), ("4000000000000069", "expired_card")])
def test_declines_by_the_number_of_the_card(client: Client, card: str, reason: str) -> None:
    assert client.charge(8990, card) == (402, {"reason": reason})
    assert client.charges() == []


def test_repeats_the_first_answer_for_a_key(client: Client) -> None:
    first = client.charge(8990)
    client.refund(first[1]["id"], 100)

    assert client.charge(8990) == first
    assert client.charge(8990, POOR, "k-2") == client.charge(8990, POOR, "k-2")
    assert [charge["refunded"] for charge in client.charges()] == [100]


def test_a_key_is_for_one_request(client: Client) -> None:
    client.charge(8990)

    assert [client.charge(8991)[0], client.charge(8990, POOR)[0]] == [409, 409]
    assert len(client.charges()) == 1


@pytest.mark.parametrize("cents", [0, -1, 12.5, 100.0, "100", None, True])
def test_refuses_what_is_no_amount_and_uses_up_no_key(client: Client, cents: Any) -> None:
    assert client.charge(cents, POOR)[0] == 422
    assert client.charge(100)[0] == 201
    assert client.refund(client.charges()[0]["id"], cents)[0] == 422


def test_refunds_what_is_left_and_no_more(client: Client) -> None:
    id = client.charge(1000)[1]["id"]

    assert [client.refund(id, cents)[0] for cents in (1001, 400, 601, 600, 1)] == [422, 201, 422, 201, 422]
    assert client.charges() == [{"id": id, "cents": 1000, "refunded": 1000}]
    assert client.refund("ch_none", 0)[0] == 404


@pytest.mark.parametrize(
    ("method", "path", "sent", "key", "status"),
    [
        ("POST", "/charges", {"cents": 1}, "", 400),
        ("POST", "/charges", [1], "k", 400),
        ("POST", "/nothing", {}, "k", 404),
        ("GET", "/nothing", None, "", 404),
    ],
)
def test_says_what_it_does_not_understand(
    client: Client, method: str, path: str, sent: Any, key: str, status: int
) -> None:
    assert client.ask(method, path, sent, key)[0] == status


def test_two_sandboxes_are_two() -> None:
    with PaymentSandbox() as one, PaymentSandbox() as other:
        Client(one.url).charge(100)

        assert Client(other.url).charges() == []
