"""Payments, by whichever gateway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol


class PaymentRefused(Exception):
    """The guest's money stays where it is; to try again would not help."""


class GatewayDown(Exception):
    """The gateway could not be reached; to try again may help."""


class UnknownMethod(ValueError):
    """No gateway is registered for this method of payment."""


class Gateway(Protocol):
    """What the service needs. Both methods raise PaymentRefused or GatewayDown, and nothing else."""

    def charge(self, amount: Decimal, reference: str) -> str:
        """Take the amount, and return the id of the charge."""
        ...

    def refund(self, id: str, amount: Decimal) -> None:
        """Give the amount of a charge back."""
        ...


@dataclass(frozen=True)
class Receipt:
    """What was paid, how, and the gateway's id for it."""

    method: str
    id: str
    amount: Decimal


class PaymentService:
    """Pays and refunds by the gateways that it was given."""

    def __init__(self, gateways: Mapping[str, Gateway]) -> None:
        self.gateways: dict[str, Gateway] = {}
        for method in gateways:
            self.register(method, gateways[method])

    def register(self, method: str, gateway: Gateway) -> None:
        """Add a gateway. Raises TypeError if it is incomplete, and ValueError if the method is taken."""
        for name in ("charge", "refund"):
            found = getattr(gateway, name, None)
            if found is None or getattr(found, "__func__", found) is getattr(Gateway, name):
                raise TypeError(f"{gateway!r} lacks {name}()")
        if self.gateways.setdefault(method, gateway) is not gateway:
            raise ValueError(f"{method!r} is taken")

    def pay(self, method: str, amount: Decimal, reference: str) -> Receipt:
        """Charge by the gateway of this method. Raises UnknownMethod, or the gateway's error."""
        gateway = self.gateways.get(method)
        if gateway is None:
            raise UnknownMethod(method)
        return Receipt(method, gateway.charge(amount, reference), amount)

    def refund(self, receipt: Receipt) -> None:
        """Give back what was paid, through the gateway that took it."""
        self.gateways[receipt.method].refund(receipt.id, receipt.amount)
