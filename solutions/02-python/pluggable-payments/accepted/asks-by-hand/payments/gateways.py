"""The gateways of two vendors."""

from decimal import Decimal
from functools import wraps
from typing import Any

from payments.service import Gateway, GatewayDown, PaymentRefused


def reachable(method):
    """Decorate a method of a gateway, so that a vendor out of reach is GatewayDown."""

    @wraps(method)
    def wrapper(self, *args):
        try:
            return method(self, *args)
        except ConnectionError as error:
            raise GatewayDown(type(self).__name__) from error

    return wrapper


class CardGateway(Gateway):
    """Cards: the vendor counts in cents, and raises when it refuses."""

    def __init__(self, client: Any) -> None:
        self.client = client

    @reachable
    def charge(self, amount: Decimal, reference: str) -> str:
        """Take the amount, and return the id of the charge."""
        try:
            return self.client.create_charge(int(amount.scaleb(2)), reference)
        except self.client.Declined as declined:
            raise PaymentRefused(f"card: {declined}") from declined

    @reachable
    def refund(self, id: str, amount: Decimal) -> None:
        """Give the amount of a charge back."""
        try:
            self.client.refund_charge(id, int(amount.scaleb(2)))
        except self.client.Declined as declined:
            raise PaymentRefused(f"card: {declined}") from declined


class WalletGateway(Gateway):
    """Wallets: the vendor takes amounts as text, and answers with a status."""

    def __init__(self, client: Any) -> None:
        self.client = client

    @reachable
    def charge(self, amount: Decimal, reference: str) -> str:
        """Take the amount, and return the id of the charge."""
        answer = self.client.transfer(f"{amount:.2f}", reference)
        if answer["status"] != "done":
            raise PaymentRefused(f"wallet: {answer['reason']}")
        return answer["id"]

    @reachable
    def refund(self, id: str, amount: Decimal) -> None:
        """Give the amount of a charge back."""
        answer = self.client.reverse(id, f"{amount:.2f}")
        if answer["status"] != "done":
            raise PaymentRefused(f"wallet: {answer['reason']}")
