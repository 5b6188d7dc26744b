"""Hosts change what is listed. Each change counts the version up, in the statement that makes it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from staybook.accounts.models import Role, User
from staybook.catalog import freshness
from staybook.catalog.models import Amenity, City, Property
from staybook.common import outbox
from staybook.common.errors import Forbidden, Invalid, NotFound, Stale

CHANGEABLE = (
    *("title", "description", "sleeps", "nightly", "cleaning_fee", "currency"),
    *("cancellation_policy", "is_listed"),
)
"""Columns that a change may name as they are; ``city`` and ``amenities`` are named by slug."""


@transaction.atomic
def create_property(*, host: User, city: str, amenities: Sequence[str] = (), **facts: Any) -> Property:
    """List a property. ``facts`` are columns among ``CHANGEABLE``.

    Raises Forbidden for who is no host, Invalid for an unknown city or amenity, TypeError for another column.
    """
    _only_known(facts)
    if host.role not in {Role.HOST, Role.ADMIN}:
        raise Forbidden("Only hosts list properties.")
    place = Property.objects.create(host=host, city=_city(city), **facts)
    place.amenities.set(_amenities(amenities))
    announce(place)
    return place


@transaction.atomic
def change_property(
    *, actor: User, property_id: UUID, versions: Collection[int] | None, changes: Mapping[str, Any]
) -> Property:
    """Change the columns that ``changes`` names, if the version is still one of ``versions``; None is any.

    Two who change the same version: the second is refused. Raises NotFound, Forbidden, Stale and Invalid.
    """
    columns = dict(changes)
    amenities = columns.pop("amenities", None)
    city = columns.pop("city", None)
    _only_known(columns)
    place = own_property(actor=actor, property_id=property_id)
    announce(place)
    if city is not None:
        columns["city"] = _city(city)
    count_up(place, versions=versions, **columns)
    if amenities is not None:
        place.amenities.set(_amenities(amenities))
    place.refresh_from_db()
    if city is not None:
        announce(place)
    return place


def withdraw_property(*, actor: User, property_id: UUID, versions: Collection[int] | None = None) -> Property:
    """Take a property off the list; its bookings stand. Raises as ``change_property``."""
    return change_property(actor=actor, property_id=property_id, versions=versions, changes={"is_listed": False})


def own_property(*, actor: User, property_id: UUID) -> Property:
    """The property, for who may change it: its host, and staff. Raises NotFound and Forbidden."""
    place = Property.objects.select_related("city").filter(public_id=property_id).first()
    if place is None or not (place.is_listed or place.host_id == actor.pk or actor.is_staff):
        raise NotFound("There is no such property.")
    if place.host_id != actor.pk and not actor.is_staff:
        raise Forbidden("This property is another host's.")
    return place


def count_up(place: Property, *, versions: Collection[int] | None = None, **columns: Any) -> None:
    """Write ``columns`` and the next version, in one UPDATE. Raises Stale when the version is none of ``versions``.

    The row is locked from here to the end of the transaction.
    """
    rows = Property.objects.filter(pk=place.pk)
    if versions is not None:
        rows = rows.filter(version__in=versions)
    if not rows.update(**columns, version=F("version") + 1):
        raise Stale("This property was changed meanwhile: read it again.")


@transaction.atomic
def show_again(*, cities: Collection[int] = (), amenities: Collection[int] = ()) -> None:
    """Count up and announce every property that shows one of these cities or amenities: they were renamed."""
    rows = Property.objects.filter(city__in=cities) | Property.objects.filter(amenities__in=amenities)
    for place in rows.select_related("city").distinct():
        count_up(place)
        announce(place)


def announce(place: Property) -> None:
    """Tell, once this transaction commits, that what ``place`` shows is another."""
    outbox.publish("property.changed", property_id=place.pk, city_id=place.city_id)
    freshness.property_changed(place.public_id, place.city.slug)


def _only_known(facts: Mapping[str, Any]) -> None:
    if unknown := facts.keys() - set(CHANGEABLE):
        raise TypeError(f"a property has no {', '.join(sorted(unknown))} to be set")


def _city(slug: str) -> City:
    city = City.objects.filter(slug=slug).first()
    if city is None:
        raise Invalid("Some fields are not right.", fields={"city": "We do not know this city."})
    return city


def _amenities(slugs: Sequence[str]) -> list[Amenity]:
    found = list(Amenity.objects.filter(slug__in=slugs))
    if unknown := set(slugs) - {amenity.slug for amenity in found}:
        words = f"We do not know {', '.join(sorted(unknown))}."
        raise Invalid("Some fields are not right.", fields={"amenities": words})
    return found
