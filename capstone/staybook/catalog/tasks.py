"""What the catalog does when it hears of something: cached answers that show it are forgotten.

The process that made the change has done so already, unless it died between COMMIT and that, or Redis was away.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from staybook.catalog.freshness import LIST, bump_surely, nights_of, of_city, of_property
from staybook.catalog.models import Property
from staybook.common.outbox import consumer


@consumer("property.changed")
def forget_property(payload: Mapping[str, Any]) -> None:
    """Raises Busy while Redis is away, and the message comes again."""
    found = Property.objects.filter(pk=payload["property_id"]).values_list("public_id", "city__slug").first()
    if found:
        bump_surely(of_property(found[0]), of_city(found[1]), of_city(""), LIST)


@consumer("booking.held")
@consumer("booking.confirmed")
@consumer("booking.cancelled")
@consumer("booking.expired")
def forget_availability(payload: Mapping[str, Any]) -> None:
    """Raises Busy while Redis is away, and the message comes again."""
    found = Property.objects.filter(bookings=payload["booking_id"]).values_list("public_id", "city__slug").first()
    if found:
        bump_surely(nights_of(found[0]), of_city(found[1]), of_city(""))
