"""The catalogue, as JSON."""

from django.http import HttpRequest, JsonResponse
from stays.selectors import catalogue

FIELDS = ("id", "title", "city", "nightly", "currency")


def listing_list(request: HttpRequest) -> JsonResponse:
    """Answer with every listing, its host, its amenities and its published reviews, newest first."""
    return JsonResponse({"listings": [_shown(row) for row in catalogue()]})


def _shown(row: dict[str, object]) -> dict[str, object]:
    return {
        **{field: row[field] for field in FIELDS},
        "host": row["host_name"],
        "amenities": row["amenity_names"],
        "reviews": [{key: review[key] for key in ("guest", "rating", "text")} for review in row["published_reviews"]],
    }
