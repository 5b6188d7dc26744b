"""Confirm bookings."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

LOGGER = logging.getLogger("staybook.bookings")


class PaymentError(Exception):
    """The gateway did not take the money."""


@dataclass(frozen=True)
class Booking:
    id: int
    guest: str
    card: str
    amount: Decimal


def confirm(booking: Booking, charge: Callable[[str, Decimal], None]) -> bool:
    """Charge the guest's card; return whether that worked."""
    about = {"booking_id": booking.id, "amount": booking.amount}
    try:
        charge(booking.card, booking.amount)
    except PaymentError:
        LOGGER.exception("payment failed", extra=about)
        return False
    LOGGER.info("booking confirmed", extra=about)
    return True
