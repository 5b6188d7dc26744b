"""What staybook asks of its payment gateway."""

from decimal import Decimal

from transport import post

GATEWAY = "https://pay.staybook.example"


class Declined(Exception):
    """The gateway refuses this card; its reason is the message."""


class GatewayDown(Exception):
    """Nobody knows whether the guest was charged."""


def charge(amount: Decimal, currency: str, *, reference: str) -> str:
    """Charge the guest, and return the gateway's id for the charge. Raises Declined or GatewayDown."""
    try:
        answer = post(
            f"{GATEWAY}/charges",
            json={"amount": int(amount * 100), "currency": currency, "reference": reference},
            headers={"Idempotency-Key": reference},
            timeout=5,
        )
    except OSError as error:
        raise GatewayDown("no answer") from error
    if answer.status == 402:
        raise Declined(answer.json["reason"])
    if answer.status != 201:
        raise GatewayDown(f"status {answer.status}")
    return answer.json["id"]
