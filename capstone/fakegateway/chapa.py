"""Chapa's routes, below /chapa. Source: developer.chapa.co (accept payments, verify, refund, cancel transaction).

Modelled: ``tx_ref`` is ours and names the transaction; the envelope says ``success`` whenever the call was understood,
so that only ``data.status`` tells whether anybody paid; amounts are text going in and numbers coming out; a transaction
can be cancelled while nobody has paid. Chosen, where the documentation is silent: initialize with the same ``tx_ref``
and terms gives the same page, and a refund with the same ``reference`` is the same refund. Left out: charges, split
payments, direct charge, transfers, customer data.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from fakegateway.bank import Bank, Order
from fakegateway.shapes import chapa_data
from fakegateway.web import Answer, Request, Routes

CURRENCIES = ("ETB", "USD")


class Chapa:
    """The API with a bearer key, any that begins with ``CHASECK``."""

    def __init__(self, bank: Bank, pages: str) -> None:
        self._bank, self._pages = bank, pages

    def add_to(self, routes: Routes) -> None:
        """Answer there."""
        routes.add("POST", "/chapa/v1/transaction/initialize", self._initialize)
        routes.add("GET", "/chapa/v1/transaction/verify/*", self._verify)
        routes.add("PUT", "/chapa/v1/transaction/cancel/*", self._cancel)
        routes.add("POST", "/chapa/v1/refund/*", self._refund)

    def _initialize(self, request: Request) -> Answer:
        self._check_key(request)
        reference = str(request.fields().get("tx_ref") or "")
        self._bank.count("initialize", reference)
        return self._bank.faults.around("initialize", reference, request, self._open)

    def _open(self, request: Request) -> Answer:
        given = request.fields()
        if not given.get("tx_ref") or given.get("currency") not in CURRENCIES:
            raise _refusal("tx_ref is needed, and currency must be one of " + ", ".join(CURRENCIES))
        order = Order("chapa", str(given["tx_ref"]), _cents(given.get("amount")), str(given["currency"]))
        order.return_url = order.cancel_url = str(given.get("return_url", ""))
        order = self._bank.open(order)
        return _success("Hosted Link", {"checkout_url": f"{self._pages}/chapa/checkout/{order.id}"})

    def _verify(self, request: Request) -> Answer:
        order = self._find(request)
        self._bank.count("verify", order.reference)
        return self._bank.faults.around(
            "verify", order.reference, request, lambda _: _success("Payment details", chapa_data(order))
        )

    def _cancel(self, request: Request) -> Answer:
        order = self._find(request)
        return self._bank.faults.around("close", order.reference, request, lambda _: self._close(order))

    def _close(self, order: Order) -> Answer:
        if not self._bank.close(order):
            raise _refusal("Only active transactions can be cancelled")
        return _success("Transaction cancelled", {"tx_ref": order.reference})

    def _refund(self, request: Request) -> Answer:
        order, given = self._find(request), request.fields()
        self._bank.count("refund", order.reference)
        return self._bank.faults.around("refund", order.reference, request, lambda _: self._give_back(order, given))

    def _give_back(self, order: Order, given: dict[str, Any]) -> Answer:
        reference = str(given.get("reference") or f"whole-{order.id}")
        amount = _cents(given["amount"]) if given.get("amount") else None
        done = self._bank.refund(order, reference, amount)
        data = {"reference": reference, "amount": f"{done / 100:.2f}", "currency": order.captured_currency}
        return _success("Refund was successful", {**data, "status": "success"})

    def _find(self, request: Request) -> Order:
        self._check_key(request)
        order = self._bank.find("chapa", request.words[0])
        if order is None:
            raise Answer(404, {"message": "Transaction not found", "status": "failed", "data": None})
        return order

    @staticmethod
    def _check_key(request: Request) -> None:
        if not request.headers.get("authorization", "").startswith("Bearer CHASECK"):
            raise Answer(401, {"message": "Invalid API Key or User doesn't exist", "status": "failed", "data": None})


def _success(message: str, data: dict[str, Any]) -> Answer:
    return Answer(200, {"message": message, "status": "success", "data": data})


def _refusal(message: str) -> Answer:
    return Answer(400, {"message": message, "status": "failed", "data": None})


def _cents(text: object) -> int:
    try:
        cents = Decimal(str(text)) * 100
    except InvalidOperation:
        raise _refusal("amount must be a number") from None
    if not cents.is_finite() or cents <= 0 or cents != int(cents):
        raise _refusal("amount must be positive, with two decimals at most")
    return int(cents)
