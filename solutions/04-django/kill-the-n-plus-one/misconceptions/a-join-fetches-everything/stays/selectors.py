"""What the views read."""

from django.db.models import QuerySet
from stays.models import Listing


def catalogue() -> QuerySet[Listing]:
    """Return every listing, by id, with all that the catalogue shows of it."""
    return (
        Listing.objects.select_related("host")
        .only("title", "city", "nightly", "currency", "host__name")
        .order_by("id")
    )
