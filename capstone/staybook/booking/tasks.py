"""What follows when a booking was held, confirmed or cancelled: its guest is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from staybook.booking.models import Booking
from staybook.common.outbox import consumer
from staybook.config.env import env
from staybook.notifications import services as notifications


@consumer("booking.held")
def tell_of_hold(payload: Mapping[str, Any]) -> None:
    booking = _booking(payload)
    if booking.hold_expires_at is None:  # it has gone on before we came to write
        detail = "It is not held any more: see below how it stands."
    else:
        detail = f"Pay {booking.total} {booking.currency} by {booking.hold_expires_at:%H:%M} UTC, or it is free again."
    _tell(booking, "held", "Held for you", detail)


@consumer("booking.confirmed")
def tell_of_confirmation(payload: Mapping[str, Any]) -> None:
    booking = _booking(payload)
    _tell(booking, "confirmed", "Booked", f"You have paid {booking.total} {booking.currency}. Have a good stay.")


@consumer("booking.cancelled")
def tell_of_cancellation(payload: Mapping[str, Any]) -> None:
    booking = _booking(payload)
    refund = str(payload["refund"])
    back = "Nothing is to be paid back." if float(refund) == 0 else f"You get {refund} {booking.currency} back."
    _tell(booking, "cancelled", "Cancelled", back)


def _booking(payload: Mapping[str, Any]) -> Booking:
    return Booking.objects.select_related("property", "guest").get(pk=payload["booking_id"])


def _tell(booking: Booking, event: str, headline: str, detail: str) -> None:
    stay = f"{booking.property.title}, {booking.check_in} to {booking.check_out}"
    notifications.write(
        dedupe_key=f"booking.{event}:{booking.public_id}",
        to=booking.guest.email,
        subject=f"{headline}: {stay}",
        body=f"Dear {booking.guest.name},\n\n{stay}.\n{detail}\n\nBooking {booking.public_id}\n{env.public_url}\n",
    )
