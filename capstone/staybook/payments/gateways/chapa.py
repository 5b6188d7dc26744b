"""Chapa. Source: developer.chapa.co, accept payments, verify payments, refund, cancel transaction, webhooks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

from staybook.common.errors import GatewayFailed, Invalid
from staybook.common.money import Money
from staybook.payments.gateways.base import Charge, Event, Outcome, Redirect, Refused, State, check_signature
from staybook.payments.gateways.transport import Transport

_STATES = {
    "pending": State.OPEN,
    "success": State.PAID,
    "refunded": State.PAID,
    "failed": State.FAILED,
    "cancelled": State.CLOSED,
    "failed/cancelled": State.CLOSED,
}


class Chapa:
    """Our reference is its ``tx_ref``. What the envelope calls ``status`` says only that the call was understood."""

    currencies = frozenset({"ETB", "USD"})

    def __init__(self, transport: Transport, webhook_secret: str) -> None:
        self._transport, self._secret = transport, webhook_secret

    def start(self, charge: Charge, *, return_url: str) -> Redirect:
        asked = {
            "amount": str(charge.money.amount),
            "currency": charge.money.currency,
            "tx_ref": charge.reference,
            "return_url": return_url,
        }
        data = _data(self._transport.call("POST", "/v1/transaction/initialize", json=asked))
        url = data.get("checkout_url")
        if not isinstance(url, str):
            raise GatewayFailed("Chapa's answer has no page.")
        return Redirect(url, charge.reference)

    def verify(self, charge: Charge) -> Outcome:
        """A transaction that Chapa never heard of is open: nobody was given its page."""
        try:
            data = _data(self._transport.call("GET", f"/v1/transaction/verify/{quote(charge.reference, safe='')}"))
        except Refused as refusal:
            if refusal.status == 404:
                return Outcome(State.OPEN)
            raise
        state = _STATES.get(str(data.get("status")))
        if state is None or data.get("tx_ref") != charge.reference:
            raise GatewayFailed("Chapa's answer tells of something else.")
        if state is not State.PAID:
            return Outcome(state)
        try:
            return Outcome(state, Money(Decimal(str(data["amount"])), str(data["currency"])))
        except (KeyError, InvalidOperation) as error:
            raise GatewayFailed("Chapa's answer has no amount.") from error

    def close(self, charge: Charge) -> None:
        self._transport.call("PUT", f"/v1/transaction/cancel/{quote(charge.reference, safe='')}")

    def refund(self, charge: Charge, amount: Money, *, reference: str) -> None:
        asked = {"amount": str(amount.amount), "reason": "refund", "reference": reference}
        self._transport.call("POST", f"/v1/refund/{quote(charge.reference, safe='')}", data=asked)

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now_s: float) -> Event:  # noqa: ARG002
        """Chapa signs the raw body, without a time; an event has no id, so its digest serves."""
        check_signature(self._secret, body, [headers.get("x-chapa-signature", "")])
        try:
            found = json.loads(body)
            reference = str(found["tx_ref"])
        except (ValueError, KeyError, TypeError):
            raise Invalid("There is no tx_ref in it.") from None
        return Event(hashlib.sha256(body).hexdigest(), reference)


def _data(answer: dict[str, Any]) -> dict[str, Any]:
    data = answer.get("data")
    if not isinstance(data, dict):
        raise GatewayFailed("Chapa's answer has no data.")
    return data
