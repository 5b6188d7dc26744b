"""Payments, over HTTP: started by a guest, checked when the guest is back, told of by webhooks, refunded by staff."""

from __future__ import annotations

from uuid import UUID

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from staybook.accounts.models import User
from staybook.api import idempotency
from staybook.api.permissions import IsAdmin
from staybook.api.v1.serializers.payments import (
    PaymentSerializer,
    RefundSerializer,
    RefundWriteSerializer,
    StartSerializer,
)
from staybook.payments import queries, refunds, services
from staybook.payments.models import Payment


class BookingPaymentsView(APIView):
    """What is paid for a booking."""

    @extend_schema(
        operation_id="payments_start",
        parameters=[idempotency.PARAMETER],
        request=StartSerializer,
        responses={201: PaymentSerializer},
    )
    @idempotency.idempotent_in_steps
    def post(self, request: Request, booking_id: UUID) -> Response:
        """Start to pay for a hold: send the guest to `checkout_url`, and `check` when they come back."""
        form = StartSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        payment = services.start(guest=_user(request), booking_id=booking_id, **form.validated_data)
        return Response(_shown(payment), status=201, headers={"Location": f"/api/v1/payments/{payment.public_id}"})


class PaymentView(APIView):
    """One payment."""

    @extend_schema(operation_id="payments_read", responses=PaymentSerializer)
    def get(self, request: Request, payment_id: UUID) -> Response:
        """A payment as we know it, for its guest and for staff."""
        return Response(_shown(queries.payment_for(reader=_user(request), payment_id=payment_id)))


class CheckView(APIView):
    """The provider's word on it."""

    @extend_schema(operation_id="payments_check", request=None, responses=PaymentSerializer)
    def post(self, request: Request, payment_id: UUID) -> Response:
        """Ask the provider now, and say what came of it. For the page that the guest comes back to."""
        payment = queries.payment_for(reader=_user(request), payment_id=payment_id)
        return Response(_shown(services.settle(payment_id=payment.pk)))


class RefundsView(APIView):
    """What goes back of it."""

    permission_classes = (IsAdmin,)

    @extend_schema(
        operation_id="payments_refund",
        parameters=[idempotency.PARAMETER],
        request=RefundWriteSerializer,
        responses={201: RefundSerializer},
    )
    @idempotency.idempotent
    def post(self, request: Request, payment_id: UUID) -> Response:
        """Owe a refund, never more than was paid; the provider is asked to give it some seconds later."""
        form = RefundWriteSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        refund = refunds.ask(payment_id=payment_id, **form.validated_data)
        return Response(RefundSerializer(refund).data, status=201)


class WebhookView(APIView):
    """Where the providers tell us things: they sign, and have no account."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="webhooks_receive",
        request={"application/json": OpenApiTypes.OBJECT},
        responses={200: OpenApiResponse(description="Kept, or known already.")},
        auth=[],
    )
    def post(self, request: Request, provider: str) -> Response:
        """Keep what a provider tells us. It is a reason to ask the provider, and nothing more."""
        services.receive_webhook(provider=provider, headers=request.headers, body=request.body)
        return Response(status=200)


def _shown(payment: Payment) -> dict[str, object]:
    return dict(PaymentSerializer(payment).data)


def _user(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


urlpatterns = [
    path("bookings/<uuid:booking_id>/payments", BookingPaymentsView.as_view(), name="payments-start"),
    path("payments/<uuid:payment_id>", PaymentView.as_view(), name="payments-detail"),
    path("payments/<uuid:payment_id>/check", CheckView.as_view(), name="payments-check"),
    path("payments/<uuid:payment_id>/refunds", RefundsView.as_view(), name="payments-refund"),
    path("webhooks/<str:provider>", WebhookView.as_view(), name="webhooks-receive"),
]
