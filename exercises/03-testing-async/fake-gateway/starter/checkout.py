"""What a guest reads after paying."""

from gateway import Declined, Gateway

REASONS = {"insufficient_funds": "there is not enough money on it", "expired_card": "it has expired"}


def pay(gateway: Gateway, cents: int, *, card: str, booking: str, attempt: int = 1) -> str:
    """Charge the card for the booking, and return what the guest reads. A double click is one attempt."""
    try:
        charge = gateway.charge(cents, card=card, key=f"{booking}/{attempt}")
    except Declined as error:
        return f"Your bank refuses this card: {REASONS.get(str(error), 'it did not say why')}. Please use another one."
    return f"Thank you. We have charged {charge.cents // 100}.{charge.cents % 100:02}."
