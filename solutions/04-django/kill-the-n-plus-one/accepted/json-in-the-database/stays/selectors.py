"""What the views read."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet
from django.db.models.functions import JSONObject
from stays.models import Amenity, Listing, Review


def catalogue() -> QuerySet[Listing]:
    """Return every listing, by id, with all that the catalogue shows of it."""
    amenities = Amenity.objects.filter(listings=OuterRef("pk")).order_by("name").values("name")
    reviews = (
        Review.objects.filter(listing=OuterRef("pk"), is_published=True)
        .order_by("-written_on", "id")
        .values(shown=JSONObject(guest=F("guest__name"), rating=F("rating"), text=F("text")))
    )
    return Listing.objects.order_by("id").values(
        "id",
        "title",
        "city",
        "nightly",
        "currency",
        host_name=F("host__name"),
        amenity_names=ArraySubquery(amenities),
        published_reviews=ArraySubquery(reviews),
    )
