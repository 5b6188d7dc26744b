"""What a guest does to pay, and what may happen meanwhile, for tests of payments and of refunds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from staybook.booking.models import Booking, Status
from staybook.payments import services
from staybook.payments.models import Payment
from tests.factories import make_booking

BOTH = pytest.mark.parametrize("provider", ["chapa", "stripe"])


def start(booking: Booking, provider: str = "chapa") -> Payment:
    return services.start(guest=booking.guest, booking_id=booking.public_id, provider=provider)


def pay(psp, booking: Booking, provider: str = "chapa") -> Payment:
    payment = start(booking, provider)
    psp.choose(payment.checkout_url)
    return payment


def settle(payment: Payment) -> Payment:
    return services.settle(payment_id=payment.pk)


def age(payment: Payment, **by: int) -> None:
    Payment.objects.filter(pk=payment.pk).update(created_at=F("created_at") - timedelta(**by))


def status_of(booking: Booking) -> str:
    booking.refresh_from_db()
    return booking.status


def lose(booking: Booking) -> None:
    """The hold runs out, and somebody else takes the nights."""
    Booking.objects.filter(pk=booking.pk).update(status=Status.EXPIRED, hold_expires_at=None)
    make_booking(booking.property, check_in=booking.check_in)
