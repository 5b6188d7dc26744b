"""What the views read."""

from django.db.models import QuerySet

from stays.models import Listing


def catalogue() -> QuerySet[Listing]:
    """Return every listing, by id, with all that the catalogue shows of it."""
    # TODO: fetch what the view needs here, in a handful of statements.
    return Listing.objects.order_by("id")
