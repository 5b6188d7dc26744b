"""What payments do when something happened."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from staybook.common.outbox import consumer
from staybook.notifications import services as notifications
from staybook.payments import refunds, services
from staybook.payments.models import Refund


@consumer("webhook.received", in_transaction=False)
def settle_what_it_tells_of(payload: Mapping[str, Any]) -> None:
    """Ask the provider, outside of any transaction; a second time finds it settled."""
    services.handle_webhook(event_id=payload["event_id"])


@consumer("booking.cancelled")
def owe_the_refund(payload: Mapping[str, Any]) -> None:
    """Promise back what the cancellation policy gives; the clock lets it be given."""
    refunds.owe_for_cancellation(booking_id=payload["booking_id"], amount=Decimal(payload["refund"]))


@consumer("payment.refunded")
def tell_of_refund(payload: Mapping[str, Any]) -> None:
    """Write to the guest whose money is on its way back."""
    refund = Refund.objects.select_related("payment__booking__guest").get(pk=payload["refund_id"])
    booking, amount = refund.payment.booking, f"{refund.amount} {refund.payment.captured_currency}"
    notifications.write(
        dedupe_key=f"payment.refunded:{refund.reference}",
        to=booking.guest.email,
        subject=f"{amount} is on its way back",
        body=f"Dear {booking.guest.name},\n\nWe have sent {amount} back.\n\nBooking {booking.public_id}\n",
    )
