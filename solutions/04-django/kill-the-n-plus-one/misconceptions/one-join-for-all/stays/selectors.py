"""What the views read."""

from django.db import connection

QUERY = """
    SELECT listing.id, listing.title, listing.city, listing.nightly, listing.currency, host.name,
           amenity.name, review.id, guest.name, review.rating, review.text
    FROM stays_listing AS listing
    JOIN stays_host AS host ON host.id = listing.host_id
    LEFT JOIN stays_listing_amenities AS link ON link.listing_id = listing.id
    LEFT JOIN stays_amenity AS amenity ON amenity.id = link.amenity_id
    LEFT JOIN stays_review AS review ON review.listing_id = listing.id AND review.is_published
    LEFT JOIN stays_guest AS guest ON guest.id = review.guest_id
    ORDER BY listing.id, amenity.name, review.written_on DESC, review.id
"""


def catalogue() -> list[dict[str, object]]:
    """Return every listing, by id, with all that the catalogue shows of it."""
    with connection.cursor() as cursor:
        cursor.execute(QUERY)
        rows = cursor.fetchall()
    shown: dict[int, dict[str, object]] = {}
    for id_, title, city, nightly, currency, host, amenity, review, guest, rating, text in rows:
        listing = shown.setdefault(
            id_,
            {
                **{"id": id_, "title": title, "city": city, "nightly": nightly, "currency": currency, "host": host},
                **{"amenities": {}, "reviews": {}},
            },
        )
        if amenity is not None:
            listing["amenities"][amenity] = amenity
        if review is not None:
            listing["reviews"][review] = {"guest": guest, "rating": rating, "text": text}
    return [
        listing | {"amenities": list(listing["amenities"]), "reviews": list(listing["reviews"].values())}
        for listing in shown.values()
    ]
