"""Bookings as JSON: what is sent, and what is answered. ``shown`` fills what ``BookingSerializer`` tells OpenAPI."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework import serializers

from staybook.booking.models import Booking, Status
from staybook.catalog.models import CancellationPolicy
from staybook.common.money import CURRENCIES


class BookingWriteSerializer(serializers.Serializer[Any]):
    """What a guest chooses. The price is not for them to say."""

    property = serializers.UUIDField(source="property_id")
    check_in = serializers.DateField(help_text="The first evening.")
    check_out = serializers.DateField(help_text="The last morning: that night is free for others.")
    guests = serializers.IntegerField(min_value=1, max_value=50)


class _PlaceOfBookingSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()


class _GuestOfBookingSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class _NightSerializer(serializers.Serializer[Any]):
    night = serializers.DateField()
    price = serializers.DecimalField(max_digits=10, decimal_places=2)


class _PriceSerializer(serializers.Serializer[Any]):
    nights = _NightSerializer(many=True)
    cleaning_fee = serializers.DecimalField(max_digits=10, decimal_places=2)
    total = serializers.DecimalField(max_digits=12, decimal_places=2)
    currency = serializers.ChoiceField(CURRENCIES)


class BookingSerializer(serializers.Serializer[Any]):
    """A booking, as its guest, its host and staff see it."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(Status.choices)
    property = _PlaceOfBookingSerializer()
    guest = _GuestOfBookingSerializer()
    check_in = serializers.DateField()
    check_out = serializers.DateField()
    nights = serializers.IntegerField()
    guests = serializers.IntegerField()
    price = _PriceSerializer()
    cancellation_policy = serializers.ChoiceField(CancellationPolicy.choices)
    hold_expires_at = serializers.DateTimeField(allow_null=True, help_text="Only while it is held.")
    created_at = serializers.DateTimeField()
    cancelled_at = serializers.DateTimeField(allow_null=True)


def shown(booking: Booking) -> dict[str, Any]:
    """The JSON of ``booking``, in plain values; its property and its guest are read with it.

    Amounts are text: DRF would write Decimals as floats.
    """
    return {
        "id": str(booking.public_id),
        "status": str(booking.status),
        "property": {"id": str(booking.property.public_id), "title": booking.property.title},
        "guest": {"id": str(booking.guest.public_id), "name": booking.guest.name},
        "check_in": booking.check_in.isoformat(),
        "check_out": booking.check_out.isoformat(),
        "nights": booking.nights,
        "guests": booking.guests,
        "price": {
            "nights": [{"night": each.night.isoformat(), "price": str(each.price)} for each in booking.ledger],
            "cleaning_fee": str(booking.cleaning_fee),
            "total": str(booking.total),
            "currency": booking.currency,
        },
        "cancellation_policy": booking.cancellation_policy,
        "hold_expires_at": _moment(booking.hold_expires_at),
        "created_at": _moment(booking.created_at),
        "cancelled_at": _moment(booking.cancelled_at),
    }


def _moment(at: datetime | None) -> str | None:
    """As DRF writes what is UTC."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")
