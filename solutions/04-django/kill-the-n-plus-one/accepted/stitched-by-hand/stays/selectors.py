"""What the views read."""

from collections import defaultdict

from stays.models import Listing, Review


def catalogue() -> list[dict[str, object]]:
    """Return every listing, by id, with all that the catalogue shows of it."""
    reviews = defaultdict(list)
    found = Review.objects.filter(is_published=True).order_by("-written_on", "id")
    for listing, guest, rating, text in found.values_list("listing_id", "guest__name", "rating", "text"):
        reviews[listing].append({"guest": guest, "rating": rating, "text": text})
    amenities = defaultdict(list)
    links = Listing.amenities.through.objects.order_by("amenity__name")
    for listing, name in links.values_list("listing_id", "amenity__name"):
        amenities[listing].append(name)
    listings = Listing.objects.order_by("id").values("id", "title", "city", "nightly", "currency", "host__name")
    return [
        {
            **{key: listing[key] for key in ("id", "title", "city", "nightly", "currency")},
            "host": listing["host__name"],
            "amenities": amenities[listing["id"]],
            "reviews": reviews[listing["id"]],
        }
        for listing in listings
    ]
