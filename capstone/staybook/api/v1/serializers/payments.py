"""Payments and refunds, as the API writes them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from staybook.payments.models import Payment, PaymentStatus, Provider, Refund, RefundStatus
from staybook.payments.refunds import LONGEST_REASON


class StartSerializer(serializers.Serializer[Any]):
    """How a guest wants to pay."""

    provider = serializers.ChoiceField(Provider.choices)


class RefundWriteSerializer(serializers.Serializer[Any]):
    """How much goes back, and why. Without an amount, all that is left."""

    amount = serializers.DecimalField(
        max_digits=12, decimal_places=2, min_value=Decimal("0.01"), required=False, allow_null=True, default=None
    )
    reason = serializers.CharField(max_length=LONGEST_REASON, help_text="Each reason is good for one refund.")


class RefundSerializer(serializers.Serializer[Refund]):
    """Money on its way back."""

    reference = serializers.CharField()
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)
    reason = serializers.CharField()
    status = serializers.ChoiceField(RefundStatus.choices)
    created_at = serializers.DateTimeField()
    done_at = serializers.DateTimeField(allow_null=True)


class PaymentSerializer(serializers.Serializer[Payment]):
    """One attempt to be paid. The guest pays at ``checkout_url``; it is empty while the provider has not answered."""

    id = serializers.UUIDField(source="public_id")
    booking = serializers.UUIDField(source="booking.public_id")
    provider = serializers.ChoiceField(Provider.choices)
    status = serializers.ChoiceField(PaymentStatus.choices)
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)
    currency = serializers.CharField()
    checkout_url = serializers.CharField()
    created_at = serializers.DateTimeField()
    refunds = RefundSerializer(many=True)
