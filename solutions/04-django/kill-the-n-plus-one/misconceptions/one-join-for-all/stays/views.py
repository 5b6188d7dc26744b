"""The catalogue, as JSON."""

from django.http import HttpRequest, JsonResponse
from stays.selectors import catalogue


def listing_list(request: HttpRequest) -> JsonResponse:
    """Answer with every listing, its host, its amenities and its published reviews, newest first."""
    return JsonResponse({"listings": catalogue()})
