"""What guests say about a stay that is over."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from staybook.booking.models import Booking
from staybook.catalog.models import Property
from staybook.common.ids import uuid7


class Review(models.Model):
    """One for a booking, by its guest."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, related_name="review")
    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="reviews")
    guest = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews")
    rating = models.PositiveSmallIntegerField()
    text = models.TextField(max_length=2000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(rating__range=(1, 5)), name="review_rating_1_to_5")]
        indexes = [models.Index(fields=["property", "-id"], name="review_of_property")]

    def __str__(self) -> str:
        return f"{self.rating} of 5"
