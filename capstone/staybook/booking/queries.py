"""What is read of bookings."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from staybook.accounts.models import Role, User
from staybook.booking.models import Booking
from staybook.common.errors import NotFound


def of_guest(user: User) -> QuerySet[Booking]:
    """The bookings that ``user`` made, to be shown: two statements, with their prices."""
    return _shown(Booking.objects.filter(guest=user))


def of_host(user: User) -> QuerySet[Booking]:
    """The bookings of the properties that ``user`` lets, to be shown: two statements, with their prices."""
    return _shown(Booking.objects.filter(property__host=user))


def one(*, user: User, booking_id: UUID) -> Booking:
    """A booking that ``user`` may see: their own, one of their property, or any for staff. Raises NotFound."""
    bookings = Booking.objects.select_related("property__city", "guest").filter(public_id=booking_id)
    if user.role != Role.ADMIN:
        bookings = bookings.filter(Q(guest=user) | Q(property__host=user))
    booking = bookings.first()
    if booking is None:
        raise NotFound("There is no such booking.")
    return booking


def _shown(bookings: QuerySet[Booking]) -> QuerySet[Booking]:
    return bookings.select_related("property", "guest").prefetch_related("night_prices")
