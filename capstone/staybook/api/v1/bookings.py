"""Bookings, over HTTP."""

from __future__ import annotations

from uuid import UUID

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from staybook.accounts.models import User
from staybook.api import idempotency, pagination
from staybook.api.answers import encode
from staybook.api.v1.serializers.bookings import BookingSerializer, BookingWriteSerializer, shown
from staybook.booking import queries, services
from staybook.common.errors import Invalid
from staybook.common.idempotency import Answer, Asked

_BY = {"guest": queries.of_guest, "host": queries.of_host}
_WISH = BookingWriteSerializer()
"""Reads every wish: to make its fields anew costs more than to read by them."""
_AS = OpenApiParameter(
    "as", str, enum=list(_BY), default="guest", description="Whose: made by me, or of my properties."
)


class BookingsView(APIView):
    """All of one's own."""

    @extend_schema(
        operation_id="bookings_list",
        parameters=[_AS, *pagination.PARAMETERS],
        responses=pagination.paged(BookingSerializer),
    )
    def get(self, request: Request) -> Response:
        """One's own bookings, or those of one's properties, newest first."""
        whose = _BY.get(request.query_params.get("as", "guest"))
        if whose is None:
            raise Invalid("Some fields are not right.", fields={"as": f"One of {', '.join(_BY)}."})
        rows, asked = whose(_user(request)), pagination.window(request)
        return Response(pagination.keyset(rows, order=("-id",), asked=asked, show=shown))

    @extend_schema(
        operation_id="bookings_create",
        parameters=[idempotency.PARAMETER],
        request=BookingWriteSerializer,
        responses={201: BookingSerializer},
    )
    @idempotency.idempotent_at_once
    def post(self, request: Request, asked: Asked) -> Answer:
        """Hold a property's nights. The price is the server's; pay before `hold_expires_at`."""
        booking = services.offer(guest=_user(request), **_WISH.run_validation(request.data))
        headers = {"Content-Type": "application/json", "Location": f"/api/v1/bookings/{booking.public_id}"}
        answer = Answer(201, encode(shown(booking)), headers)
        services.take(booking, key=asked.claim(answer))
        return answer


class BookingView(APIView):
    """One."""

    @extend_schema(operation_id="bookings_read", responses=BookingSerializer)
    def get(self, request: Request, booking_id: UUID) -> Response:
        """A booking, for its guest, its host and staff."""
        return Response(shown(queries.one(user=_user(request), booking_id=booking_id)))


class CancelView(APIView):
    """The end of one."""

    @extend_schema(operation_id="bookings_cancel", request=None, responses=BookingSerializer)
    def post(self, request: Request, booking_id: UUID) -> Response:
        """Cancel a booking. What was paid comes back by its policy; all of it when the host cancels. Twice is once."""
        return Response(shown(services.cancel(actor=_user(request), booking_id=booking_id)))


def _user(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


urlpatterns = [
    path("bookings", BookingsView.as_view(), name="bookings-list"),
    path("bookings/<uuid:booking_id>", BookingView.as_view(), name="bookings-detail"),
    path("bookings/<uuid:booking_id>/cancel", CancelView.as_view(), name="bookings-cancel"),
]
