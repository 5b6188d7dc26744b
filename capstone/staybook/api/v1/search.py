"""Search over HTTP, and the nights of a property that are taken."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from staybook.api import answers, pagination
from staybook.api.v1.serializers.properties import (
    CalendarQuerySerializer,
    CalendarSerializer,
    CardSerializer,
    SearchSerializer,
)
from staybook.booking import availability
from staybook.catalog import freshness, queries, search
from staybook.common import clock

_NAMES = (*SearchSerializer().fields, "limit", "cursor")


class SearchView(answers.PublicView):
    """What is free."""

    @extend_schema(
        operation_id="search",
        parameters=[SearchSerializer, *pagination.PARAMETERS],
        responses=pagination.paged(CardSerializer),
    )
    def get(self, request: Request) -> HttpResponse:
        """Find listed properties; with dates, those that are free on every night between them."""
        city = request.query_params.get("city", "")
        under = (freshness.EVERYTHING, freshness.of_city(city))
        key = answers.key_of(request, "search", _NAMES)
        return answers.kept(request, key, lambda: _find(request), under=under)


class CalendarView(answers.PublicView):
    """When a property is taken."""

    @extend_schema(
        operation_id="property_calendar",
        parameters=[
            OpenApiParameter("from", date, description="Today where the property is, if not given."),
            OpenApiParameter(
                "to", date, description="The first day not asked for; 62 days after `from`, if not given."
            ),
        ],
        responses=CalendarSerializer,
    )
    def get(self, request: Request, property_id: UUID) -> HttpResponse:
        """The nights that are taken, from `from` to before `to`: at most 400 days."""
        key = answers.key_of(request, f"calendar:{property_id}", ("from", "to"))
        under = (freshness.EVERYTHING, freshness.of_property(property_id), freshness.nights_of(property_id))
        return answers.kept(request, key, lambda: _calendar(request, property_id), under=under)


def _find(request: Request) -> dict[str, Any]:
    asked = pagination.window(request)
    given: dict[str, Any] = {name: value for name, value in request.query_params.items() if value and name != "amenity"}
    if amenities := [slug for slug in request.query_params.getlist("amenity") if slug]:
        given["amenity"] = amenities
    form = SearchSerializer(data=given)
    form.is_valid(raise_exception=True)
    facts = dict(form.validated_data)
    wanted = search.Wanted(amenities=tuple(facts.pop("amenity", ())), **facts)
    order = search.ORDERS[wanted.sort]
    after = pagination.read_cursor(asked.cursor, order=order)
    page = search.find(wanted, taken=availability.taken, after=after, limit=asked.limit)
    return {"results": page.cards, "next": pagination.write_cursor(page.rest, order=order)}


def _calendar(request: Request, property_id: UUID) -> dict[str, Any]:
    form = CalendarQuerySerializer(data={name: value for name, value in request.query_params.items() if value})
    form.is_valid(raise_exception=True)
    key, zone = queries.whereabouts(property_id)
    start = form.validated_data.get("from") or clock.today_in(zone)
    end = availability.calendar_end(start, form.validated_data.get("to"))
    return {"taken": [night.isoformat() for night in availability.taken_nights(key, start, end)]}


urlpatterns = [
    path("search", SearchView.as_view(), name="search"),
    path("properties/<uuid:property_id>/calendar", CalendarView.as_view(), name="properties-calendar"),
]
