"""Money that was asked for, taken and given back, and what the providers told us about it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from staybook.booking.models import Booking
from staybook.common.ids import uuid7


class Provider(models.TextChoices):
    """Whom we can be paid through."""

    CHAPA = "chapa"
    STRIPE = "stripe"


class PaymentStatus(models.TextChoices):
    """Where a payment stands; ``services`` has the moves."""

    INITIATED = "initiated"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ABANDONED = "abandoned"
    REFUND_DUE = "refund_due"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"


OPEN = (PaymentStatus.INITIATED, PaymentStatus.PENDING)
"""Nobody knows yet: the reconciler asks."""
UNPAID = (*OPEN, PaymentStatus.FAILED, PaymentStatus.ABANDONED)
"""No money was seen. What failed or was given up may still turn out to be paid: money is true whenever it is found."""
KEPT = (PaymentStatus.SUCCEEDED, PaymentStatus.PARTLY_REFUNDED)
"""The one payment that a booking was confirmed by."""


class Payment(models.Model):
    """One attempt to be paid for a booking. ``reference`` is ours, and makes asking twice harmless."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="payments")
    provider = models.CharField(max_length=6, choices=Provider)
    reference = models.CharField(max_length=64)
    provider_id = models.CharField(max_length=120, blank=True, help_text="What the provider calls it.")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    captured = models.DecimalField(max_digits=12, decimal_places=2, default=0, help_text="What was taken, by verify.")
    captured_currency = models.CharField(max_length=3, blank=True)
    status = models.CharField(max_length=15, choices=PaymentStatus, default=PaymentStatus.INITIATED)
    checkout_url = models.URLField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True, help_text="When the provider was last asked.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "reference"], name="payment_reference_once"),
            models.UniqueConstraint(fields=["booking"], name="payment_one_open", condition=Q(status__in=OPEN)),
            models.UniqueConstraint(fields=["booking"], name="payment_one_kept", condition=Q(status__in=KEPT)),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_positive"),
            models.CheckConstraint(condition=Q(captured__gte=0), name="payment_captured_not_negative"),
            models.CheckConstraint(condition=Q(status__in=PaymentStatus.values), name="payment_status_known"),
        ]
        indexes = [models.Index(fields=["created_at"], name="payment_open", condition=Q(status__in=OPEN))]

    def __str__(self) -> str:
        return self.reference


class RefundStatus(models.TextChoices):
    """Where a refund stands."""

    DUE = "due"
    DONE = "done"
    FAILED = "failed"


class Refund(models.Model):
    """Money to give back. Written before the provider is asked, under a reference that makes asking twice harmless."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    reference = models.CharField(max_length=64, unique=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    reason = models.CharField(max_length=40)
    status = models.CharField(max_length=6, choices=RefundStatus, default=RefundStatus.DUE)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount_positive"),
            models.UniqueConstraint(fields=["payment", "reason"], name="refund_reason_once"),
        ]
        indexes = [models.Index(fields=["created_at"], name="refund_due", condition=Q(status=RefundStatus.DUE))]

    def __str__(self) -> str:
        return self.reference


class WebhookEvent(models.Model):
    """What a provider sent us, kept as it came; the unique key makes a duplicate nothing."""

    provider = models.CharField(max_length=6, choices=Provider)
    dedupe_key = models.CharField(max_length=120)
    reference = models.CharField(max_length=64, blank=True)
    body = models.BinaryField()
    received_at = models.DateTimeField(auto_now_add=True)
    handled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "dedupe_key"], name="webhook_event_once")]

    def __str__(self) -> str:
        return self.dedupe_key
