"""The gateways of two vendors."""

from decimal import Decimal
from typing import Any


class CardGateway:
    """Cards: the vendor counts in cents, and raises when it refuses."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def charge(self, amount: Decimal, reference: str) -> str:
        """Take the amount, and return the id of the charge."""
        # TODO: ask the client, and fail in the words of the service.
        raise NotImplementedError("TODO: charge a card")

    def refund(self, id: str, amount: Decimal) -> None:
        """Give the amount of a charge back."""
        raise NotImplementedError("TODO: refund a card")


class WalletGateway:
    """Wallets: the vendor takes amounts as text, and answers with a status."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def charge(self, amount: Decimal, reference: str) -> str:
        """Take the amount, and return the id of the charge."""
        raise NotImplementedError("TODO: charge a wallet")

    def refund(self, id: str, amount: Decimal) -> None:
        """Give the amount of a charge back."""
        raise NotImplementedError("TODO: refund a wallet")
