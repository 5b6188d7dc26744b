"""Stripe, by Checkout Sessions. Source: docs.stripe.com/api, checkout/sessions, refunds, idempotent_requests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from staybook.common.errors import GatewayFailed, Invalid, Unauthenticated
from staybook.common.money import CURRENCIES, Money
from staybook.payments.gateways.base import Charge, Event, Outcome, Redirect, State, check_signature
from staybook.payments.gateways.transport import Transport

TOLERANCE_S = 300
"""How old, or how far ahead, a signature may be: the default of Stripe's own libraries."""


class Stripe:
    """Our reference is its ``client_reference_id`` and the Idempotency-Key; its own id is the session's."""

    currencies = frozenset(CURRENCIES)

    def __init__(self, transport: Transport, webhook_secret: str) -> None:
        self._transport, self._secret = transport, webhook_secret

    def start(self, charge: Charge, *, return_url: str) -> Redirect:
        item = "line_items[0]"
        asked = {
            "mode": "payment",
            "client_reference_id": charge.reference,
            "success_url": return_url,
            "cancel_url": return_url,
            f"{item}[quantity]": "1",
            f"{item}[price_data][currency]": charge.money.currency.lower(),
            f"{item}[price_data][unit_amount]": str(charge.money.minor),
            f"{item}[price_data][product_data][name]": "A stay",
        }
        session = self._transport.call("POST", "/v1/checkout/sessions", data=asked, key=charge.reference)
        url, name = session.get("url"), session.get("id")
        if not isinstance(url, str) or not isinstance(name, str):
            raise GatewayFailed("Stripe's answer has no page.")
        return Redirect(url, name)

    def verify(self, charge: Charge) -> Outcome:
        """A charge whose session we never heard of is open: nobody was given its page."""
        if not charge.provider_id:
            return Outcome(State.OPEN)
        session = self._session(charge)
        if session.get("payment_status") == "paid":
            cents, currency = session.get("amount_total"), session.get("currency")
            if not isinstance(cents, int) or not isinstance(currency, str):
                raise GatewayFailed("Stripe's answer has no amount.")
            return Outcome(State.PAID, Money(Decimal(cents).scaleb(-2), currency.upper()))
        return Outcome(State.CLOSED if session.get("status") == "expired" else State.OPEN)

    def close(self, charge: Charge) -> None:
        if charge.provider_id:
            self._transport.call("POST", f"/v1/checkout/sessions/{charge.provider_id}/expire")

    def refund(self, charge: Charge, amount: Money, *, reference: str) -> None:
        """Look first: an Idempotency-Key repeats even a 500 that came after the work was done."""
        intent = self._session(charge).get("payment_intent")
        done = self._transport.call("GET", "/v1/refunds", params={"payment_intent": intent, "limit": "100"})
        if any(one.get("metadata", {}).get("reference") == reference for one in done.get("data", ())):
            return
        asked = {"payment_intent": intent, "amount": str(amount.minor), "metadata[reference]": reference}
        self._transport.call("POST", "/v1/refunds", data=asked, key=reference)

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now_s: float) -> Event:
        parts = [part.split("=", 1) for part in headers.get("stripe-signature", "").split(",") if "=" in part]
        at = next((value for name, value in parts if name == "t"), "")
        check_signature(self._secret, f"{at}.".encode() + body, [value for name, value in parts if name == "v1"])
        if not at.isdecimal() or abs(now_s - int(at)) > TOLERANCE_S:
            raise Unauthenticated("The signature is too old.", code="signature_stale")
        try:
            event: dict[str, Any] = json.loads(body)
            thing = event["data"]["object"]
            return Event(str(event["id"]), str(thing.get("client_reference_id") or ""))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Invalid("There is no event in it.") from None

    def _session(self, charge: Charge) -> dict[str, Any]:
        session = self._transport.call("GET", f"/v1/checkout/sessions/{charge.provider_id}")
        if session.get("client_reference_id") != charge.reference:
            raise GatewayFailed("Stripe's answer tells of something else.")
        return session
