"""The catalogue, as JSON."""

from django.http import HttpRequest, JsonResponse
from stays.models import Listing
from stays.selectors import catalogue


def listing_list(request: HttpRequest) -> JsonResponse:
    """Answer with every listing, its host, its amenities and its published reviews, newest first."""
    return JsonResponse({"listings": [_shown(listing) for listing in catalogue()]})


def _shown(listing: Listing) -> dict[str, object]:
    return {
        "id": listing.id,
        "title": listing.title,
        "city": listing.city,
        "nightly": listing.nightly,
        "currency": listing.currency,
        "host": listing.host.name,
        "amenities": [amenity.name for amenity in listing.amenities.all()],
        "reviews": [
            {"guest": review.guest.name, "rating": review.rating, "text": review.text}
            for review in listing.published_reviews
        ],
    }
