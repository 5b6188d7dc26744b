"""What the views read."""

from django.db.models import Prefetch, QuerySet
from stays.models import Amenity, Guest, Listing, Review


def catalogue() -> QuerySet[Listing]:
    """Return every listing, by id, with all that the catalogue shows of it."""
    reviews = (
        Review.objects.filter(is_published=True)
        .prefetch_related(Prefetch("guest", queryset=Guest.objects.only("name")))
        .only("listing_id", "guest_id", "rating", "text")
        .order_by("-written_on", "id")
    )
    amenities = Amenity.objects.order_by("name")
    return (
        Listing.objects.select_related("host")
        .only("title", "city", "nightly", "currency", "host__name")
        .prefetch_related(
            Prefetch("reviews", queryset=reviews),
            Prefetch("amenities", queryset=amenities),
        )
        .order_by("id")
    )
