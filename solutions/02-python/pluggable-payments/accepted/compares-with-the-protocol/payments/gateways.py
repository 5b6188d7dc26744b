"""The gateways of two vendors."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from .service import GatewayDown, PaymentRefused


class CardGateway:
    """Cards: the vendor counts in cents, and raises when it refuses."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def charge(self, amount: Decimal, reference: str) -> str:
        """Take the amount, and return the id of the charge."""
        return self._ask(lambda cents: self.client.create_charge(cents, reference), amount)

    def refund(self, id: str, amount: Decimal) -> None:
        """Give the amount of a charge back."""
        self._ask(lambda cents: self.client.refund_charge(id, cents), amount)

    def _ask(self, call: Callable[[int], Any], amount: Decimal) -> Any:
        try:
            return call(int(amount * 100))
        except self.client.Declined as error:
            raise PaymentRefused(str(error)) from error
        except ConnectionError as error:
            raise GatewayDown from error


class WalletGateway:
    """Wallets: the vendor takes amounts as text, and answers with a status."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def charge(self, amount: Decimal, reference: str) -> str:
        """Take the amount, and return the id of the charge."""
        return self._ask(self.client.transfer, str(amount), reference)["id"]

    def refund(self, id: str, amount: Decimal) -> None:
        """Give the amount of a charge back."""
        self._ask(self.client.reverse, id, str(amount))

    def _ask(self, call: Callable[[str, str], dict[str, str]], *given: str) -> dict[str, str]:
        try:
            answer = call(*given)
        except ConnectionError as error:
            raise GatewayDown from error
        if answer["status"] == "done":
            return answer
        raise PaymentRefused(answer["reason"])
