"""Stays: held for some minutes, confirmed by a payment, and never two for one night of a property.

That no two live bookings overlap is for the database to say, by a constraint that migration 0001 installs with
``operations.ForbidOverlap``: an exclusion constraint on PostgreSQL, triggers on SQLite.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from staybook.catalog.models import CancellationPolicy, Property
from staybook.common import clock
from staybook.common.ids import uuid7
from staybook.common.money import CURRENCIES


class Status(models.TextChoices):
    """Where a booking stands; ``states`` has the moves between them."""

    HELD = "held"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


LIVE = (Status.HELD, Status.CONFIRMED)
"""What takes its nights from everybody else. A completed stay lies in the past."""
LONGEST_STAY = 365


class Booking(models.Model):
    """A stay from the evening of ``check_in`` to the morning of ``check_out``; prices as they were when it was made."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="bookings", db_index=False)
    guest = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="bookings", db_index=False
    )
    check_in = models.DateField()
    check_out = models.DateField()
    guests = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=9, choices=Status, default=Status.HELD)
    hold_expires_at = models.DateTimeField(null=True)
    cleaning_fee = models.DecimalField(max_digits=10, decimal_places=2)
    total = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    cancellation_policy = models.CharField(max_length=8, choices=CancellationPolicy)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(check_out__gt=F("check_in")), name="booking_has_a_night"),
            models.CheckConstraint(
                condition=Q(check_out__lte=F("check_in") + timedelta(days=LONGEST_STAY)), name="booking_not_too_long"
            ),
            models.CheckConstraint(condition=Q(total__gte=0), name="booking_total_not_negative"),
            models.CheckConstraint(condition=Q(guests__gte=1), name="booking_has_a_guest"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="booking_status_known"),
            models.CheckConstraint(condition=Q(currency__in=CURRENCIES), name="booking_currency_known"),
            models.CheckConstraint(
                condition=Q(status=Status.HELD, hold_expires_at__isnull=False)
                | (~Q(status=Status.HELD) & Q(hold_expires_at__isnull=True)),
                name="booking_hold_has_an_end",
            ),
        ]
        indexes = [
            models.Index(
                fields=["property", "check_in", "check_out"],
                include=["status", "hold_expires_at"],  # whether a night is taken is answered from the index alone
                name="booking_property_check_in",
            ),
            models.Index(fields=["guest", "-id"], name="booking_of_guest"),
            models.Index(fields=["hold_expires_at"], name="booking_hold_end", condition=Q(status=Status.HELD)),
        ]

    def __str__(self) -> str:
        return f"{self.property_id} from {self.check_in} to {self.check_out}"

    @cached_property
    def nights(self) -> int:
        """How many."""
        return (self.check_out - self.check_in).days

    @cached_property
    def ledger(self) -> Sequence[BookingNight | Night]:
        """The price of each night, in their order."""
        return sorted(self.night_prices.all(), key=lambda each: each.night)


class Night(NamedTuple):
    """What one night would cost, in a booking that is not made yet."""

    night: date
    price: Decimal


class BookingNight(models.Model):
    """What one night of a booking costs: the ledger that refunds are counted from."""

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="night_prices", db_index=False)
    night = models.DateField()
    price = models.DecimalField(max_digits=10, decimal_places=2)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["booking", "night"], name="booking_night_once")]

    def __str__(self) -> str:
        return f"{self.night}"
