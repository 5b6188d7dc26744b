"""How each provider writes an order down. Sources: developer.chapa.co, docs.stripe.com/api; not all fields."""

from __future__ import annotations

import secrets
from typing import Any

from fakegateway.bank import Order


def chapa_data(order: Order) -> dict[str, Any]:
    """The ``data`` of Chapa's verify."""
    status = {"open": "pending", "paid": "success", "failed": "failed", "closed": "cancelled"}[order.state]
    if order.captured and order.refunded == order.captured:
        status = "refunded"
    return {
        "tx_ref": order.reference,
        "reference": f"AP{order.intent}",
        "status": status,
        "amount": (order.captured or order.amount) / 100,
        "currency": order.captured_currency or order.currency,
        "charge": 0.0,
        "mode": "test",
        "method": "test",
        "type": "API",
        "meta": None,
    }


def chapa_event(order: Order, what: str) -> tuple[str, dict[str, Any]]:
    """Name and body of what Chapa's webhook says. It has no id of its own."""
    name = {"paid": "charge.success", "refunded": "charge.refunded"}.get(what, "charge.failed/cancelled")
    data = chapa_data(order) | {"refunded": f"{order.refunded / 100:.2f}"}
    return name, {"event": name, **data, "amount": f"{data['amount']:.2f}"}


def stripe_session(order: Order, pages: str) -> dict[str, Any]:
    """A Checkout Session. Its ``url`` is there only while it can be paid."""
    state = {"open": "open", "paid": "complete"}.get(order.state, "expired")
    return {
        "id": f"cs_test_{order.id}",
        "object": "checkout.session",
        "client_reference_id": order.reference,
        "amount_total": order.captured or order.amount,
        "currency": (order.captured_currency or order.currency).lower(),
        "status": state,
        "payment_status": "paid" if order.state == "paid" else "unpaid",
        "payment_intent": f"pi_{order.intent}" if order.state == "paid" else None,
        "url": f"{pages}/stripe/checkout/{order.id}" if order.state == "open" and pages else None,
        "success_url": order.return_url,
        "cancel_url": order.cancel_url,
        "mode": "payment",
        "livemode": False,
    }


def stripe_charge(order: Order) -> dict[str, Any]:
    """A Charge, as ``charge.refunded`` shows it."""
    return {
        "id": f"ch_{order.intent}",
        "object": "charge",
        "payment_intent": f"pi_{order.intent}",
        "amount": order.captured,
        "amount_refunded": order.refunded,
        "currency": order.captured_currency.lower(),
        "refunded": order.refunded == order.captured,
    }


def stripe_refund(order: Order, reference: str, amount: int) -> dict[str, Any]:
    """A Refund."""
    return {
        "id": f"re_{reference}",
        "object": "refund",
        "payment_intent": f"pi_{order.intent}",
        "amount": amount,
        "currency": order.captured_currency.lower(),
        "status": "succeeded",
        "metadata": {"reference": reference},
    }


def stripe_event(order: Order, what: str) -> tuple[str, dict[str, Any]]:
    """Name and body of what Stripe's webhook says."""
    kind = {"paid": "checkout.session.completed", "refunded": "charge.refunded"}.get(what, "checkout.session.expired")
    thing = stripe_charge(order) if what == "refunded" else stripe_session(order, "")
    event = {"id": f"evt_{secrets.token_hex(12)}", "object": "event", "type": kind, "livemode": False}
    return kind, event | {"data": {"object": thing}}
