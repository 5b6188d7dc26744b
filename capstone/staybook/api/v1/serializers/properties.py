"""Properties as JSON: what is sent, and, for OpenAPI, what is answered. Answers come from ``catalog.queries``."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from staybook.catalog import services
from staybook.catalog.models import CancellationPolicy, Property
from staybook.catalog.photos import MOST_BYTES
from staybook.catalog.search import ORDERS
from staybook.common.money import CURRENCIES


class CitySerializer(serializers.Serializer[Any]):
    """A place with properties."""

    slug = serializers.CharField()
    name = serializers.CharField()
    country = serializers.CharField(help_text="ISO 3166-1 alpha-2")
    timezone = serializers.CharField(help_text="IANA name")


class AmenitySerializer(serializers.Serializer[Any]):
    """Something that a property has."""

    slug = serializers.CharField()
    name = serializers.CharField()


class PhotoSerializer(serializers.Serializer[Any]):
    """A picture; the first of a property is its cover."""

    id = serializers.IntegerField()
    url = serializers.CharField()
    caption = serializers.CharField(allow_blank=True)


class _CityOfCardSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    country = serializers.CharField()


class _HostSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class CardSerializer(serializers.Serializer[Any]):
    """A property in a list."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    city = _CityOfCardSerializer()
    sleeps = serializers.IntegerField()
    nightly = serializers.DecimalField(max_digits=10, decimal_places=2)
    cleaning_fee = serializers.DecimalField(max_digits=10, decimal_places=2)
    currency = serializers.ChoiceField(CURRENCIES)
    cancellation_policy = serializers.ChoiceField(CancellationPolicy.choices)
    rating = serializers.FloatField(allow_null=True, help_text="Of 5; null before the first review.")
    review_count = serializers.IntegerField()
    amenities = AmenitySerializer(many=True)
    photos = PhotoSerializer(many=True)
    host = _HostSerializer()


class PropertySerializer(CardSerializer):
    """A property, whole. ``version`` is in its ETag."""

    description = serializers.CharField(allow_blank=True)
    timezone = serializers.CharField()
    version = serializers.IntegerField()
    is_listed = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class PropertyWriteSerializer(serializers.ModelSerializer[Property]):
    """What a host says of a property."""

    city = serializers.CharField(max_length=60, help_text="Slug of a city.")
    nightly = serializers.DecimalField(max_digits=10, decimal_places=2, min_value=Decimal(1))
    cleaning_fee = serializers.DecimalField(max_digits=10, decimal_places=2, min_value=Decimal(0), required=False)
    amenities = serializers.ListField(
        child=serializers.CharField(max_length=40), max_length=50, required=False, help_text="Slugs of amenities."
    )

    class Meta:
        model = Property
        fields = ["city", *services.CHANGEABLE, "amenities"]


class PhotoUploadSerializer(serializers.Serializer[Any]):
    """A file, as ``multipart/form-data``."""

    image = serializers.FileField(help_text=f"JPEG, PNG or WebP of at most {MOST_BYTES // 1024**2} MiB.")
    caption = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")


class PhotoOrderSerializer(serializers.Serializer[Any]):
    """The ids of all photos, the cover first."""

    photos = serializers.ListField(child=serializers.IntegerField(), max_length=100)


class SearchSerializer(serializers.Serializer[Any]):
    """What is looked for."""

    city = serializers.CharField(max_length=60, required=False, default="", allow_blank=True, help_text="Slug.")
    check_in = serializers.DateField(required=False, help_text="Not before today where the city is.")
    check_out = serializers.DateField(required=False, help_text="The morning of leaving: that night is not stayed.")
    guests = serializers.IntegerField(min_value=1, max_value=50, required=False)
    min_price = serializers.DecimalField(max_digits=10, decimal_places=2, min_value=Decimal(0), required=False)
    max_price = serializers.DecimalField(max_digits=10, decimal_places=2, min_value=Decimal(0), required=False)
    amenity = serializers.ListField(
        child=serializers.SlugField(max_length=40), max_length=10, required=False, help_text="Each of them; slugs."
    )
    q = serializers.CharField(max_length=100, required=False, default="", allow_blank=True, help_text="Words.")
    sort = serializers.ChoiceField(sorted(ORDERS), default="price")


class CalendarQuerySerializer(serializers.Serializer[Any]):
    """Which days are asked for."""

    to = serializers.DateField(required=False, help_text="The first day that is not asked for; 62 days after `from`.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """With ``from``, which is no name in Python."""
        first = serializers.DateField(required=False, help_text="Today where the property is, if not given.")
        return {"from": first, **super().get_fields()}


class CalendarSerializer(serializers.Serializer[Any]):
    """The nights that are taken."""

    taken = serializers.ListField(child=serializers.DateField())
