"""Bookings, payments, refunds as plain dicts that JSON can carry: what is shown, and what an idempotency key keeps."""

from __future__ import annotations

from typing import Any

from staybook.booking.models import Booking
from staybook.payments.models import Payment, Refund

Card = dict[str, Any]


def booking_card(booking: Booking) -> Card:
    """A booking with its nights. Reads its property, its guest and its ledger, where they are not read yet."""
    return {
        "id": str(booking.public_id),
        "property_id": str(booking.property.public_id),
        "guest": {"id": str(booking.guest.public_id), "name": booking.guest.name},
        "check_in": booking.check_in.isoformat(),
        "check_out": booking.check_out.isoformat(),
        "nights": booking.nights,
        "guests": booking.guests,
        "status": str(booking.status),
        "hold_expires_at": booking.hold_expires_at and booking.hold_expires_at.isoformat(),
        "price": {
            "nights": [{"night": each.night.isoformat(), "price": str(each.price)} for each in booking.ledger],
            "cleaning_fee": str(booking.cleaning_fee),
            "total": str(booking.total),
            "currency": booking.currency,
        },
        "cancellation_policy": str(booking.cancellation_policy),
        "created_at": booking.created_at.isoformat(),
        "cancelled_at": booking.cancelled_at and booking.cancelled_at.isoformat(),
    }


def payment_card(payment: Payment) -> Card:
    """A payment, as the guest who pays may see it."""
    return {
        "id": str(payment.public_id),
        "booking_id": str(payment.booking.public_id),
        "provider": str(payment.provider),
        "status": str(payment.status),
        "amount": str(payment.amount),
        "currency": payment.currency,
        "checkout_url": payment.checkout_url or None,
        "created_at": payment.created_at.isoformat(),
    }


def refund_card(refund: Refund) -> Card:
    """Money on its way back."""
    return {
        "reference": refund.reference,
        "amount": str(refund.amount),
        "reason": refund.reason,
        "status": str(refund.status),
        "created_at": refund.created_at.isoformat(),
        "done_at": refund.done_at and refund.done_at.isoformat(),
    }
