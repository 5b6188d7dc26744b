"""Payments, by whichever gateway."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, runtime_checkable


class PaymentRefused(Exception):
    """The guest's money stays where it is; to try again would not help."""


class GatewayDown(Exception):
    """The gateway could not be reached; to try again may help."""


class UnknownMethod(ValueError):
    """No gateway is registered for this method of payment."""


@runtime_checkable
class Gateway(Protocol):
    """What the service needs. Both methods raise PaymentRefused or GatewayDown, and nothing else."""

    @abstractmethod
    def charge(self, amount: Decimal, reference: str) -> str:
        """Take the amount, and return the id of the charge."""

    @abstractmethod
    def refund(self, id: str, amount: Decimal) -> None:
        """Give the amount of a charge back."""


@dataclass(frozen=True)
class Receipt:
    """What was paid, how, and the gateway's id for it."""

    method: str
    id: str
    amount: Decimal


class PaymentService:
    """Pays and refunds by the gateways that it was given."""

    def __init__(self, gateways: Mapping[str, Gateway]) -> None:
        self._gateways: dict[str, Gateway] = {}
        for method, gateway in gateways.items():
            self.register(method, gateway)

    def register(self, method: str, gateway: Gateway) -> None:
        """Add a gateway. Raises TypeError if it is incomplete, and ValueError if the method is taken."""
        if not isinstance(gateway, Gateway):
            raise TypeError(f"{type(gateway).__name__} cannot both charge and refund")
        if method in self._gateways:
            raise ValueError(f"{method!r} is taken")
        self._gateways[method] = gateway

    def pay(self, method: str, amount: Decimal, reference: str) -> Receipt:
        """Charge by the gateway of this method. Raises UnknownMethod, or the gateway's error."""
        if method not in self._gateways:
            raise UnknownMethod(f"no gateway for {method!r}; there are: {', '.join(self._gateways)}")
        return Receipt(method, self._gateways[method].charge(amount, reference), amount)

    def refund(self, receipt: Receipt) -> None:
        """Give back what was paid, through the gateway that took it."""
        self._gateways[receipt.method].refund(receipt.id, receipt.amount)
