"""Properties, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from staybook.accounts.models import User
from staybook.api import answers, etags, pagination
from staybook.api.permissions import IsHost
from staybook.api.v1 import photos, search
from staybook.api.v1.serializers.properties import (
    AmenitySerializer,
    CardSerializer,
    CitySerializer,
    PropertySerializer,
    PropertyWriteSerializer,
)
from staybook.catalog import freshness, queries, services

_PAGE_NAMES = ("limit", "cursor")
_IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, required=True, description="The ETag that was read, or `*`: RFC 9110."
)


class _ReadByAll(APIView):
    """Whoever reads needs no token, and none is read; who writes is a host."""

    def get_authenticators(self) -> list[Any]:
        return [] if self.request and self.request.method == "GET" else super().get_authenticators()

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.request.method in {"GET", "OPTIONS"} else [IsHost()]


class PropertiesView(_ReadByAll):
    """All of them."""

    @extend_schema(
        operation_id="properties_list",
        parameters=pagination.PARAMETERS,
        responses=pagination.paged(CardSerializer),
        auth=[],
    )
    def get(self, request: Request) -> HttpResponse:
        """What is listed, newest first."""
        under = (freshness.EVERYTHING, freshness.LIST)
        return answers.kept(
            request, answers.key_of(request, "list", _PAGE_NAMES), lambda: _listed(request), under=under
        )

    @extend_schema(
        operation_id="properties_create", request=PropertyWriteSerializer, responses={201: PropertySerializer}
    )
    def post(self, request: Request) -> Response:
        """List a property of one's own. Hosts only."""
        form = PropertyWriteSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        place = services.create_property(host=_user(request), **form.validated_data)
        return _changed(request, place.public_id, status=201)


class PropertyView(_ReadByAll):
    """One."""

    @extend_schema(operation_id="properties_read", responses=PropertySerializer, auth=[])
    def get(self, request: Request, property_id: UUID) -> HttpResponse:
        """A listed property. Send its ETag as If-None-Match, and get 304 while it is the same."""
        name = freshness.of_property(property_id)
        return answers.kept(
            request,
            name,
            lambda: queries.detail(property_id),
            under=(freshness.EVERYTHING, name),
            etag=lambda card: etags.of_version(card["version"]),
        )

    @extend_schema(
        operation_id="properties_change",
        parameters=[_IF_MATCH],
        request=PropertyWriteSerializer(partial=True),
        responses=PropertySerializer,
    )
    def patch(self, request: Request, property_id: UUID) -> Response:
        """Change what is given, if the property is still the version that was read."""
        versions = etags.wanted_versions(request)
        form = PropertyWriteSerializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        services.change_property(
            actor=_user(request), property_id=property_id, versions=versions, changes=form.validated_data
        )
        return _changed(request, property_id)

    @extend_schema(operation_id="properties_withdraw", responses={204: None})
    def delete(self, request: Request, property_id: UUID) -> Response:
        """Take a property off the list. Its bookings stand; `is_listed` brings it back."""
        versions = etags.wanted_versions(request) if "If-Match" in request.headers else None
        services.withdraw_property(actor=_user(request), property_id=property_id, versions=versions)
        return Response(status=204)


class OwnPropertiesView(APIView):
    """The host's own."""

    permission_classes = (IsHost,)

    @extend_schema(
        operation_id="properties_own", parameters=pagination.PARAMETERS, responses=pagination.paged(PropertySerializer)
    )
    def get(self, request: Request) -> Response:
        """One's own properties, newest first, withdrawn ones too."""
        asked = pagination.window(request)
        after = pagination.read_cursor(asked.cursor, order=queries.NEWEST)
        return Response(_body(queries.of_host(_user(request), after=after, limit=asked.limit)))


class CitiesView(answers.PublicView):
    """All of them."""

    @extend_schema(
        operation_id="cities_list", responses=inline_serializer("Cities", {"results": CitySerializer(many=True)})
    )
    def get(self, request: Request) -> HttpResponse:
        """Where properties are, by name."""
        return answers.kept(request, "cities", lambda: {"results": queries.cities()}, under=(freshness.EVERYTHING,))


class AmenitiesView(answers.PublicView):
    """All of them."""

    @extend_schema(
        operation_id="amenities_list",
        responses=inline_serializer("Amenities", {"results": AmenitySerializer(many=True)}),
    )
    def get(self, request: Request) -> HttpResponse:
        """What properties may have, by name."""
        return answers.kept(
            request, "amenities", lambda: {"results": queries.amenities()}, under=(freshness.EVERYTHING,)
        )


def _listed(request: Request) -> dict[str, Any]:
    asked = pagination.window(request)
    after = pagination.read_cursor(asked.cursor, order=queries.NEWEST)
    return _body(queries.listed(after=after, limit=asked.limit))


def _body(page: queries.Page) -> dict[str, Any]:
    return {"results": page.cards, "next": pagination.write_cursor(page.rest, order=queries.NEWEST)}


def _changed(request: Request, property_id: UUID, status: int = 200) -> Response:
    card = queries.detail(property_id, seen_by=_user(request))
    headers = {"ETag": etags.of_version(card["version"])}
    if status == 201:
        headers["Location"] = f"/api/v1/properties/{property_id}"
    return Response(card, status=status, headers=headers)


def _user(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


urlpatterns = [
    path("properties", PropertiesView.as_view(), name="properties-list"),
    path("properties/<uuid:property_id>", PropertyView.as_view(), name="properties-detail"),
    path("me/properties", OwnPropertiesView.as_view(), name="properties-own"),
    path("cities", CitiesView.as_view(), name="cities-list"),
    path("amenities", AmenitiesView.as_view(), name="amenities-list"),
    *search.urlpatterns,
    *photos.urlpatterns,
]
