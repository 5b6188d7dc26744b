"""What the views read."""

from django.db.models import Prefetch, QuerySet
from stays.models import Amenity, Listing, Review


def catalogue() -> QuerySet[Listing]:
    """Return every listing, by id, with all that the catalogue shows of it."""
    reviews = (
        Review.objects.filter(is_published=True)
        .select_related("guest")
        .only("listing_id", "rating", "text", "guest__name")
        .order_by("-written_on", "id")
    )
    amenities = Amenity.objects.order_by("name")
    return (
        Listing.objects.select_related("host")
        .only("title", "city", "nightly", "currency", "host__name")
        .prefetch_related(
            Prefetch("reviews", queryset=reviews, to_attr="published_reviews"),
            Prefetch("amenities", queryset=amenities),
        )
        .order_by("id")
    )
