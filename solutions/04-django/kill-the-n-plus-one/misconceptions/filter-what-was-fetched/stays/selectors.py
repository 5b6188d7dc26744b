"""What the views read."""

from django.db.models import QuerySet
from stays.models import Listing


def catalogue() -> QuerySet[Listing]:
    """Return every listing, by id, with all that the catalogue shows of it."""
    return (
        Listing.objects.select_related("host")
        .prefetch_related("amenities", "reviews", "reviews__guest")
        .order_by("id")
    )
