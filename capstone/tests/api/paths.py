"""Where things are over REST."""

from __future__ import annotations

from staybook.catalog.models import Property

PROPERTIES = "/api/v1/properties"


def at(place: Property, rest: str = "") -> str:
    """A property, or what is below it."""
    return f"{PROPERTIES}/{place.public_id}{rest}"
