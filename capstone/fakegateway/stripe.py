"""Stripe's routes, below /stripe. Source: docs.stripe.com/api (checkout sessions, refunds, idempotent requests).

Modelled: bodies are forms; ``Idempotency-Key`` up to 255 characters, kept for 24 h with the first status and body, 500s
included once the work began, other parameters under the same key are an ``idempotency_error``; a declined card leaves
the session open; a session can be expired while nobody has paid. Left out: everything but one-off payments, pagination,
``expand``, several line items, API versions, the 409 for two requests at once under one key (the second one waits).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from fakegateway.bank import Bank, Order
from fakegateway.shapes import stripe_refund, stripe_session
from fakegateway.web import Answer, Handler, Request, Routes

_KEPT_S = 24 * 3600


@dataclass
class _Kept:
    asked: tuple[str, bytes]
    answer: Answer
    at: float


class Stripe:
    """The API with a bearer key, any that begins with ``sk_``."""

    def __init__(self, bank: Bank, pages: str) -> None:
        self._bank, self._pages = bank, pages
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.Lock()

    def add_to(self, routes: Routes) -> None:
        """Answer there."""
        routes.add("POST", "/stripe/v1/checkout/sessions", self._create)
        routes.add("GET", "/stripe/v1/checkout/sessions/*", self._retrieve)
        routes.add("POST", "/stripe/v1/checkout/sessions/*/expire", self._expire)
        routes.add("POST", "/stripe/v1/refunds", self._refund)
        routes.add("GET", "/stripe/v1/refunds", self._refunds)

    def reset(self) -> None:
        """Forget every key."""
        with self._lock:
            self._kept.clear()

    def _create(self, request: Request) -> Answer:
        self._check_key(request)
        reference = request.form().get("client_reference_id", "")
        self._bank.count("initialize", reference)
        return self._once(request, "initialize", reference, self._open)

    def _open(self, request: Request) -> Answer:
        given = request.form()
        price = "line_items[0][price_data]"
        cents = given.get(f"{price}[unit_amount]", "")
        currency = given.get(f"{price}[currency]", "").upper()
        if given.get("mode") != "payment" or not cents.isdecimal() or len(currency) != 3 or int(cents) == 0:
            raise _error(400, "mode must be payment, with a unit_amount in cents and a currency")
        reference = given.get("client_reference_id") or ""
        order = Order("stripe", reference, int(cents), currency, given.get("success_url", ""))
        order.cancel_url = given.get("cancel_url", "")
        if not reference:
            order.reference = order.id
        known = self._bank.find("stripe", order.reference)
        if known and known.state != "open":  # Stripe's sessions are never refused for their client_reference_id
            order.reference = order.id
        return Answer(200, stripe_session(self._bank.open(order), self._pages))

    def _retrieve(self, request: Request) -> Answer:
        order = self._find(request.words[0], request)
        self._bank.count("verify", order.reference)
        return self._bank.faults.around(
            "verify", order.reference, request, lambda _: Answer(200, stripe_session(order, self._pages))
        )

    def _expire(self, request: Request) -> Answer:
        order = self._find(request.words[0], request)
        return self._bank.faults.around("close", order.reference, request, lambda _: self._close(order))

    def _close(self, order: Order) -> Answer:
        if not self._bank.close(order):
            raise _error(400, "Only Checkout Sessions with a status of open can be expired")
        return Answer(200, stripe_session(order, self._pages))

    def _refund(self, request: Request) -> Answer:
        order = self._find(request.form().get("payment_intent", ""), request)
        self._bank.count("refund", order.reference)
        return self._once(request, "refund", order.reference, lambda asked: self._give_back(order, asked))

    def _give_back(self, order: Order, request: Request) -> Answer:
        given = request.form()
        amount = given.get("amount")
        if amount is not None and not amount.isdecimal():
            raise _error(400, "Invalid integer: amount")
        reference = given.get("metadata[reference]") or f"{order.id}-{len(order.refunds)}"
        try:
            done = self._bank.refund(order, reference, int(amount) if amount else None)
        except Answer as refusal:
            raise _error(400, str(refusal.content["message"])) from None
        return Answer(200, stripe_refund(order, reference, done))

    def _refunds(self, request: Request) -> Answer:
        order = self._find(request.query.get("payment_intent", ""), request)
        found = [stripe_refund(order, reference, amount) for reference, amount in order.refunds.items()]
        return Answer(200, {"object": "list", "data": found, "has_more": False})

    def _once(self, request: Request, call: str, reference: str, work: Handler) -> Answer:
        """The answer that was kept under the request's key, or the one that is made now, and kept."""
        key = request.headers.get("idempotency-key", "")
        if len(key) > 255:
            raise _error(400, "Idempotency-Key is longer than 255 characters")
        asked = (request.path, request.body)
        with self._lock:
            kept = self._kept.get(key)
            if kept and self._bank.now() - kept.at < _KEPT_S:
                if kept.asked != asked:
                    raise _error(400, "Keys can only be used with the parameters they came with", "idempotency_error")
                return Answer(
                    kept.answer.status, kept.answer.content, {**kept.answer.headers, "Idempotent-Replayed": "true"}
                )
            return self._do(request, call, reference, work, key)

    def _do(self, request: Request, call: str, reference: str, work: Handler, key: str) -> Answer:
        began: list[Answer] = []

        def working(asked: Request) -> Answer:
            try:
                began.append(work(asked))
            except Answer as refusal:
                began.append(refusal)
            return began[0]

        answer = self._bank.faults.around(call, reference, request, working)
        if key and began:
            kept = answer if not answer.cut else began[0]
            self._kept[key] = _Kept((request.path, request.body), kept, self._bank.now())
        return answer

    def _find(self, key: str, request: Request) -> Order:
        self._check_key(request)
        order = self._bank.find("stripe", key.removeprefix("cs_test_").removeprefix("pi_"))
        if order is None:
            raise _error(404, f"No such object: {key!r}")
        return order

    @staticmethod
    def _check_key(request: Request) -> None:
        if not request.headers.get("authorization", "").startswith("Bearer sk_"):
            raise _error(401, "Invalid API Key provided")


def _error(status: int, message: str, kind: str = "invalid_request_error") -> Answer:
    error: dict[str, Any] = {"type": kind, "message": message}
    return Answer(status, {"error": error})
