"""Which names cached answers are made under (``common.cache``), and what a change makes worthless."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from staybook.common import cache
from staybook.common.errors import Busy

EVERYTHING = "catalog"
LIST = "properties"


def of_property(property_id: UUID | str) -> str:
    """What one property shows."""
    return f"property:{property_id}"


def of_city(slug: str) -> str:
    """What is found in a city; the empty slug is all of them."""
    return f"city:{slug}" if slug else "city:*"


def nights_of(property_id: UUID | str) -> str:
    """Which of a property's nights are taken."""
    return f"nights:{property_id}"


def property_changed(property_id: UUID, city: str) -> None:
    """Forget what shows this property once the transaction commits; the consumer of ``property.changed`` repeats it."""
    names = (of_property(property_id), of_city(city), of_city(""), LIST)
    transaction.on_commit(lambda: cache.bump(*names), robust=True)


def availability_changed(property_id: UUID, city: str) -> None:
    """Forget which nights of a property were taken, and what was free in its city, once the transaction commits.

    The consumers of ``booking.…`` repeat it.
    """
    names = (nights_of(property_id), of_city(city), of_city(""))
    transaction.on_commit(lambda: cache.bump(*names), robust=True)


def bump_surely(*names: str) -> None:
    """Forget now. Raises Busy when Redis cannot be told, so that the message comes again."""
    if not cache.bump(*names):
        raise Busy("Redis is away: what it keeps may be old.")
