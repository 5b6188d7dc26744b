"""GraphQL as a client sends it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

HOLD = """mutation Hold($input: HoldInput!, $key: String!) {
  hold(input: $input, idempotencyKey: $key) {
    id status checkIn checkOut nights guests holdExpiresAt
    property { id } price { total currency cleaningFee nights { night price } }
  }
}"""


def ask(api: Any, query: str, variables: dict[str, Any] | None = None, **headers: str) -> Any:
    """Django's response to an operation; ``api`` is the fixture, ``api.as_(user)`` somebody."""
    return api.post("/graphql", {"query": query, "variables": variables or {}}, **headers)


def data_of(response: Any) -> Any:
    """The data of an answer without errors."""
    body = response.json()
    assert response.status_code == 200, body
    assert "errors" not in body, body["errors"]
    return body["data"]


def errors_of(response: Any) -> list[str]:
    """The codes of an answer's errors."""
    return [error["extensions"]["code"] for error in response.json().get("errors", [])]


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is sent to the database meanwhile, once it is over; without the rate limit's own, and savepoints."""
    sent: list[str] = []
    with CaptureQueriesContext(connection) as caught:
        yield sent
    others = ("traffic_ratebucket", "SAVEPOINT")
    sent += [each["sql"] for each in caught.captured_queries if not any(name in each["sql"] for name in others)]


def hold_by_graphql(
    api: Any, place: Any, *, check_in: date, check_out: date, guests: int = 1, key: str | None = None
) -> tuple[int, str, dict[str, Any] | None]:
    """Hold nights as the logged-in ``api``: the status, the refusal's code or "", and the booking or None.

    A hold that lost is 200, ``nights_taken``, None: an error of a field leaves the status alone.
    """
    wish = {"propertyId": str(place.public_id), "checkIn": str(check_in), "checkOut": str(check_out), "guests": guests}
    response = ask(api, HOLD, {"input": wish, "key": key or str(uuid.uuid4())})
    if not response["Content-Type"].startswith("application/graphql-response+json"):
        return response.status_code, response.json().get("code", "internal_error"), None
    codes = errors_of(response)
    return response.status_code, codes[0] if codes else "", (response.json().get("data") or {}).get("hold")
