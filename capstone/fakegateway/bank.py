"""Where the money is: orders, what was captured for them, and what was given back."""

from __future__ import annotations

import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from fakegateway.faults import ON_PAY, Faults
from fakegateway.web import Answer

State = Literal["open", "paid", "failed", "closed"]


@dataclass
class Order:
    """Something to be paid once. Amounts are in cents; ``captured`` is what was really taken."""

    provider: str
    reference: str
    amount: int
    currency: str
    return_url: str = ""
    cancel_url: str = ""
    id: str = field(default_factory=lambda: secrets.token_hex(12))
    intent: str = field(default_factory=lambda: secrets.token_hex(12))
    state: State = "open"
    captured: int = 0
    captured_currency: str = ""
    refunds: dict[str, int] = field(default_factory=dict)

    @property
    def refunded(self) -> int:
        """What was given back."""
        return sum(self.refunds.values())

    @property
    def reading(self) -> dict[str, Any]:
        """The order as the ledger shows it."""
        shown = ("provider", "reference", "amount", "currency", "state", "captured", "captured_currency", "refunds")
        return {name: getattr(self, name) for name in shown} | {"refunded": self.refunded}


Told = Callable[[Order, str], None]


class Bank:
    """All orders of both providers. One lock, held for moments: what is true for one caller is true for all."""

    def __init__(self, faults: Faults, tell: Told) -> None:
        self.faults = faults
        self.calls: Counter[tuple[str, str]] = Counter()
        self._tell = tell
        self._orders: dict[str, Order] = {}
        self._ids: dict[str, Order] = {}
        self._lock = threading.RLock()
        self._ahead_s = 0.0

    def now(self) -> float:
        """Seconds since 1970 by the clock of this program, which tests may move."""
        return time.time() + self._ahead_s

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self._ahead_s += seconds

    def reset(self) -> None:
        """Forget everything."""
        with self._lock:
            self._orders.clear()
            self._ids.clear()
            self.calls.clear()
            self._ahead_s = 0.0

    def count(self, call: str, reference: str) -> None:
        """Remember that it was asked."""
        with self._lock:
            self.calls[reference, call] += 1

    def open(self, order: Order) -> Order:
        """A new order. The same reference and terms again give the order that there is; raises 400 on other terms."""
        with self._lock:
            known = self._orders.setdefault(f"{order.provider} {order.reference}", order)
            if (known.amount, known.currency) != (order.amount, order.currency) or known.state != "open":
                raise Answer(400, {"message": "Transaction reference has been used before", "status": "failed"})
            self._ids[known.id] = self._ids[known.intent] = known
            return known

    def find(self, provider: str, key: str) -> Order | None:
        """An order by its reference, its id, or the id of its payment."""
        with self._lock:
            found = self._orders.get(f"{provider} {key}") or self._ids.get(key)
            return found if found and found.provider == provider else None

    def orders(self) -> list[Order]:
        """All of them, oldest first."""
        with self._lock:
            return list(self._orders.values())

    def pay(self, order: Order) -> bool:
        """Capture the money, once, and tell the shop; False where the order is no longer open."""
        with self._lock:
            if order.state != "open":
                return False
            order.state, order.captured, order.captured_currency = "paid", order.amount, order.currency
            fault = self.faults.take("pay", order.reference, ON_PAY)
            if fault and fault.name == "wrong_amount":
                order.captured -= 1
            elif fault:
                order.captured_currency = "KES" if order.currency != "KES" else "NGN"
        self._tell(order, "paid")
        return True

    def decline(self, order: Order) -> bool:
        """Refuse the card: the end of a Chapa transaction, while Stripe lets the guest try another card."""
        with self._lock:
            if order.state != "open":
                return False
            if order.provider == "stripe":
                return True
            order.state = "failed"
        self._tell(order, "failed")
        return True

    def close(self, order: Order) -> bool:
        """Let nobody pay any more; False where it is too late for that."""
        with self._lock:
            if order.state != "open":
                return False
            order.state = "closed"
        self._tell(order, "closed")
        return True

    def refund(self, order: Order, reference: str, amount: int | None) -> int:
        """Give back, never beyond the capture; the same reference again is nothing new. Return the amount.

        Raises 400 for too much, for nothing, and for a reference that stands for another amount.
        """
        with self._lock:
            wanted = order.captured - order.refunded if amount is None else amount
            known = order.refunds.get(reference)
            if known is not None and amount in (None, known):
                return known
            if known is not None:
                raise Answer(400, {"message": "Refund reference has been used before", "status": "failed"})
            if not 0 < wanted <= order.captured - order.refunded:
                raise Answer(400, {"message": "Refund is greater than what is left of the charge", "status": "failed"})
            order.refunds[reference] = wanted
        self._tell(order, "refunded")
        return wanted
