"""A guest, over HTTP, as a browser and its page would: everything but the clicks."""

from __future__ import annotations

import itertools
import re
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import httpx

from tests.stack.composed import Stack, until

_stays = (date(2031, 1, 4) + timedelta(days=4 * number) for number in itertools.count())
_HOLD = "mutation($i: HoldInput!, $k: String!) { hold(input: $i, idempotencyKey: $k) { id status } }"
_START = """mutation($b: UUID!, $k: String!) {
  startPayment(bookingId: $b, provider: STRIPE, idempotencyKey: $k) { checkoutUrl }
}"""


class Guest:
    """Somebody new, with an account and a token."""

    def __init__(self, stack: Stack) -> None:
        self.email = f"guest-{uuid4().hex[:12]}@example.com"
        self._stack = stack
        self.http = httpx.Client(base_url=stack.site, verify=stack.trust, timeout=30)
        login = {"email": self.email, "password": "correct horse battery"}
        self.post("/api/v1/auth/register", login | {"name": "Ada"}, 201)
        token = self.post("/api/v1/auth/login", login, 200)["access"]
        self.http.headers["Authorization"] = f"Bearer {token}"

    def post(self, path: str, body: dict[str, Any], status: int, **headers: str) -> Any:
        """The answer's JSON; every request has an Idempotency-Key of its own."""
        told = {"Idempotency-Key": str(uuid4())} | {name.replace("_", "-"): text for name, text in headers.items()}
        answer = self.http.post(path, json=body, headers=told)
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def get(self, path: str, **query: Any) -> Any:
        answer = self.http.get(path, params=query)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def graphql(self, query: str, **variables: Any) -> Any:
        """The data of an answer without errors."""
        answer = self.post("/graphql", {"query": query, "variables": variables}, 200)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def find(self) -> dict[str, Any]:
        """Nights that nobody else asks for here, and the first place in New York that is free then."""
        check_in = next(_stays)
        nights = {"check_in": str(check_in), "check_out": str(check_in + timedelta(days=2)), "guests": 1}
        return nights | {"property": self.get("/api/v1/search", city="new-york", **nights)["results"][0]["id"]}

    def hold(self, stay: dict[str, Any] | None = None, **headers: str) -> str:
        """Hold what ``find`` finds; the booking's id."""
        booking = self.post("/api/v1/bookings", stay or self.find(), 201, **headers)
        assert booking["status"] == "held"
        return str(booking["id"])

    def hold_by_graphql(self) -> str:
        """As ``hold``, by the mutation."""
        stay = self.find()
        wish = {"propertyId": stay["property"], "checkIn": stay["check_in"], "checkOut": stay["check_out"], "guests": 1}
        return str(self.graphql(_HOLD, i=wish, k=str(uuid4()))["hold"]["id"])

    def checkout(self, booking: str, provider: str) -> str:
        """Start to pay; the provider's page."""
        return str(self.post(f"/api/v1/bookings/{booking}/payments", {"provider": provider}, 201)["checkout_url"])

    def checkout_by_graphql(self, booking: str) -> str:
        return str(self.graphql(_START, b=booking, k=str(uuid4()))["startPayment"]["checkoutUrl"])

    def choose(self, page: str, choice: str) -> httpx.Response:
        """Press a button of the provider's page, which is outside of the site."""
        assert page.startswith(self._stack.gateway), page
        shown = httpx.get(page)
        assert re.search(rf'name="choice" value="{choice}"', shown.text), shown.text
        return httpx.post(page, data={"choice": choice})

    def becomes(self, booking: str, status: str) -> bool:
        """Whether the booking comes to have this status, while nobody asks for it to be looked into."""
        return until(lambda: self.get(f"/api/v1/bookings/{booking}")["status"] == status)

    def mails(self) -> list[str]:
        """The subjects of what came; a copy with the same Message-ID is dropped, as a reader's program does."""
        came = httpx.get(f"{self._stack.gateway}/mail.json?to={self.email}").json()
        return list({mail["message_id"]: mail["subject"] for mail in came}.values())

    def is_told(self, *headlines: str) -> bool:
        """Whether mails come, one for each headline and no other."""
        return until(lambda: self._is_told(headlines))

    def _is_told(self, headlines: tuple[str, ...]) -> bool:
        return sorted(subject.partition(":")[0] for subject in self.mails()) == sorted(headlines)
