"""What payments do when something happened."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from staybook.common.outbox import consumer
from staybook.payments import refunds, services


@consumer("webhook.received", in_transaction=False)
def settle_what_it_tells_of(payload: Mapping[str, Any]) -> None:
    """Ask the provider, outside of any transaction; a second time finds it settled."""
    services.handle_webhook(event_id=payload["event_id"])


@consumer("booking.cancelled")
def owe_the_refund(payload: Mapping[str, Any]) -> None:
    """Promise back what the cancellation policy gives; the clock lets it be given."""
    refunds.owe_for_cancellation(booking_id=payload["booking_id"], amount=Decimal(payload["refund"]))
