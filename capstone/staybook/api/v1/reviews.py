"""Reviews, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from staybook.accounts.models import User
from staybook.api import answers, pagination
from staybook.catalog import freshness
from staybook.catalog.queries import whereabouts
from staybook.reviews import queries, services


class ReviewSerializer(serializers.Serializer[Any]):
    """What a guest said of a stay."""

    id = serializers.UUIDField()
    rating = serializers.IntegerField(min_value=1, max_value=5)
    text = serializers.CharField(allow_blank=True)
    guest = inline_serializer("ReviewGuest", {"name": serializers.CharField()})
    created_at = serializers.DateTimeField()


class ReviewWriteSerializer(serializers.Serializer[Any]):
    """What a guest says of a stay."""

    rating = serializers.IntegerField(min_value=1, max_value=5)
    text = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class ReviewsView(answers.PublicView):
    """Those of a property."""

    @extend_schema(
        operation_id="reviews_list",
        parameters=pagination.PARAMETERS,
        responses=pagination.paged(ReviewSerializer),
    )
    def get(self, request: Request, property_id: UUID) -> HttpResponse:
        """What guests said of a property, newest first."""
        key = answers.key_of(request, f"reviews:{property_id}", ("limit", "cursor"))
        under = (freshness.EVERYTHING, freshness.of_property(property_id))
        return answers.kept(request, key, lambda: _page(request, property_id), under=under)


class BookingReviewView(APIView):
    """That of a booking."""

    @extend_schema(operation_id="reviews_write", request=ReviewWriteSerializer, responses={201: ReviewSerializer})
    def post(self, request: Request, booking_id: UUID) -> Response:
        """Say how one's own stay was, from the day of check-out; once."""
        form = ReviewWriteSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        assert isinstance(request.user, User), "the view is for those who are logged in"
        review = services.write_review(guest=request.user, booking_id=booking_id, **form.validated_data)
        return Response(queries.one(review), status=201)


def _page(request: Request, property_id: UUID) -> dict[str, Any]:
    asked = pagination.window(request)
    key, _ = whereabouts(property_id)
    return pagination.keyset(queries.of_property(key), order=queries.NEWEST, asked=asked, show=queries.shown)


urlpatterns = [
    path("properties/<uuid:property_id>/reviews", ReviewsView.as_view(), name="reviews-list"),
    path("bookings/<uuid:booking_id>/review", BookingReviewView.as_view(), name="reviews-write"),
]
