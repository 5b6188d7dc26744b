"""What can be stayed in: cities, properties, what they offer and how they look."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from staybook.common.ids import uuid7
from staybook.common.money import CURRENCIES


class CancellationPolicy(models.TextChoices):
    """How much a guest gets back; ``booking.policies`` has the table."""

    FLEXIBLE = "flexible"
    MODERATE = "moderate"
    STRICT = "strict"


class City(models.Model):
    """A place with properties, and the time zone that their nights are counted in."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    country = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2")
    timezone = models.CharField(max_length=40, help_text="IANA name")

    class Meta:
        verbose_name_plural = "cities"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Amenity(models.Model):
    """Something that a property has."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60)

    class Meta:
        verbose_name_plural = "amenities"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Property(models.Model):
    """A listing. ``version`` counts its changes, and is its ETag."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    host = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="properties")
    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="properties")
    title = models.CharField(max_length=120)
    description = models.TextField(max_length=4000, blank=True)
    sleeps = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(50)])
    nightly = models.DecimalField(max_digits=10, decimal_places=2, validators=[MinValueValidator(1)])
    cleaning_fee = models.DecimalField(max_digits=10, decimal_places=2, default=0, validators=[MinValueValidator(0)])
    currency = models.CharField(max_length=3, choices=[(code, code) for code in CURRENCIES])
    cancellation_policy = models.CharField(
        max_length=8, choices=CancellationPolicy, default=CancellationPolicy.MODERATE
    )
    amenities = models.ManyToManyField(Amenity, related_name="properties", blank=True)
    is_listed = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    rating_sum = models.PositiveIntegerField(default=0, editable=False)
    rating_count = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "properties"
        constraints = [
            models.CheckConstraint(condition=Q(nightly__gt=0), name="property_nightly_positive"),
            models.CheckConstraint(condition=Q(cleaning_fee__gte=0), name="property_cleaning_fee_not_negative"),
            models.CheckConstraint(condition=Q(sleeps__range=(1, 50)), name="property_sleeps_some"),
            models.CheckConstraint(condition=Q(currency__in=CURRENCIES), name="property_currency_known"),
        ]
        indexes = [
            models.Index(fields=["city", "nightly", "id"], name="property_search", condition=Q(is_listed=True)),
            models.Index(fields=["city", "-id"], name="property_newest", condition=Q(is_listed=True)),
            models.Index(fields=["nightly", "id"], name="property_price", condition=Q(is_listed=True)),
            models.Index(fields=["sleeps"], name="property_sleeps", condition=Q(is_listed=True)),
            models.Index(fields=["host", "-id"], name="property_of_host"),
        ]

    def __str__(self) -> str:
        return self.title


class Photo(models.Model):
    """A picture of a property; the first position is the cover."""

    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="photos")
    position = models.PositiveSmallIntegerField(default=0)
    image = models.FileField(upload_to="photos/%Y/%m", max_length=200)
    caption = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["property", "position"], name="photo_position_once")]

    def __str__(self) -> str:
        return self.caption or f"photo {self.pk}"
