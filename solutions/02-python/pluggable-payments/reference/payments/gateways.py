"""The gateways of two vendors."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from payments.service import GatewayDown, PaymentRefused


class CardGateway:
    """Cards: the vendor counts in cents, and raises when it refuses."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def charge(self, amount: Decimal, reference: str) -> str:
        """Take the amount, and return the id of the charge."""
        with self._in_our_words():
            return self._client.create_charge(_cents(amount), reference)

    def refund(self, id: str, amount: Decimal) -> None:
        """Give the amount of a charge back."""
        with self._in_our_words():
            self._client.refund_charge(id, _cents(amount))

    @contextmanager
    def _in_our_words(self) -> Iterator[None]:
        try:
            yield
        except self._client.Declined as error:
            raise PaymentRefused(str(error)) from error
        except ConnectionError as error:
            raise GatewayDown(str(error)) from error


class WalletGateway:
    """Wallets: the vendor takes amounts as text, and answers with a status."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def charge(self, amount: Decimal, reference: str) -> str:
        """Take the amount, and return the id of the charge."""
        return self._done(self._client.transfer, str(amount), reference)["id"]

    def refund(self, id: str, amount: Decimal) -> None:
        """Give the amount of a charge back."""
        self._done(self._client.reverse, id, str(amount))

    def _done(self, ask: Callable[[str, str], dict[str, str]], *given: str) -> dict[str, str]:
        try:
            answer = ask(*given)
        except ConnectionError as error:
            raise GatewayDown(str(error)) from error
        if answer["status"] == "refused":
            raise PaymentRefused(answer["reason"])
        return answer


def _cents(amount: Decimal) -> int:
    return int(amount * 100)
