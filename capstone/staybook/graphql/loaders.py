"""Reads for many rows at once: each takes keys, sends a constant number of statements, and returns rows by key.

A bounded list of each (the newest reviews of every property on a page) is one statement too: rows are numbered within
each key by a window function, and those past the bound are dropped in the database. It is the SQL of Django's sliced
``Prefetch``, for rows that are no model instances.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from staybook.catalog import queries as catalog
from staybook.catalog.models import City, Property
from staybook.graphql.cards import payment_card, refund_card
from staybook.payments.models import Payment, Refund
from staybook.reviews import queries as reviews
from staybook.reviews.models import Review

Card = dict[str, Any]
Lists = Mapping[str, Sequence[Card]]


def properties(keys: Sequence[str]) -> Mapping[str, Card]:
    """Properties by public id, listed or withdrawn: two statements."""
    rows = Property.objects.filter(public_id__in=keys)
    found = catalog.page(rows, order=catalog.NEWEST, after=None, limit=len(keys))
    return {card["id"]: card for card in found.cards}


def details(keys: Sequence[str]) -> Mapping[str, Card]:
    """What a property shows beyond its card, by public id: one statement."""
    columns = ("description", "city__timezone", "version", "is_listed", "created_at")
    rows = Property.objects.filter(public_id__in=keys).values("public_id", *columns)
    return {str(row["public_id"]): {**row, "timezone": row["city__timezone"]} for row in rows}


def zones(slugs: Sequence[str]) -> Mapping[str, str]:
    """The time zones of cities: one statement."""
    return dict(City.objects.filter(slug__in=slugs).values_list("slug", "timezone"))


def newest_reviews(keys: Sequence[str], limit: int) -> Lists:
    """At most ``limit`` reviews of each property, by its public id, newest first: one statement."""
    place = Window(RowNumber(), partition_by=F("property_id"), order_by=F("id").desc())
    rows = (
        Review.objects.filter(property__public_id__in=keys)
        .annotate(place=place)
        .filter(place__lte=limit)
        .order_by("property_id", "-id")
        .values("id", "public_id", "rating", "text", "created_at", "guest__name", "property__public_id")
    )
    found: dict[str, list[Card]] = defaultdict(list)
    for row in rows:
        found[str(row["property__public_id"])].append(reviews.shown(dict(row)))
    return found


def reviews_of_bookings(keys: Sequence[str]) -> Mapping[str, Card]:
    """The review of each booking that has one, by the booking's public id: one statement."""
    columns = ("id", "public_id", "rating", "text", "created_at", "guest__name", "booking__public_id")
    rows = Review.objects.filter(booking__public_id__in=keys).values(*columns)
    return {str(row["booking__public_id"]): reviews.shown(dict(row)) for row in rows}


def payments_of_bookings(keys: Sequence[str], limit: int) -> Lists:
    """At most ``limit`` payments of each booking, by its public id, newest first: one statement."""
    place = Window(RowNumber(), partition_by=F("booking_id"), order_by=F("id").desc())
    rows = Payment.objects.filter(booking__public_id__in=keys).annotate(place=place).filter(place__lte=limit)
    found: dict[str, list[Card]] = defaultdict(list)
    for payment in rows.select_related("booking").order_by("-id"):
        found[str(payment.booking.public_id)].append(payment_card(payment))
    return found


def refunds_of_payments(keys: Sequence[str]) -> Lists:
    """The refunds of each payment, by its public id, in their order: one statement."""
    found: dict[str, list[Card]] = defaultdict(list)
    for refund in Refund.objects.filter(payment__public_id__in=keys).select_related("payment").order_by("id"):
        found[str(refund.payment.public_id)].append(refund_card(refund))
    return found
