"""Rows for the lesson; arithmetic instead of chance, so that they are the same on every machine."""

from stays.models import Host, Listing, Review

NAMES = ["Ada", "Bo", "Chidi", "Dana", "Efua", "Farid", "Grace"]
PLACES = ["Loft", "Cabin", "Studio", "Barn", "Flat"]
CITIES = ["Lisbon", "Bergen", "Utrecht", "Ragusa", "Porto", "Tbilisi"]


def fill(*, listings: int) -> None:
    """Store ``listings`` listings of a quarter as many hosts; each has one to five reviews."""
    hosts = Host.objects.bulk_create(Host(name=NAMES[n % 7]) for n in range(max(1, listings // 4)))
    stored = Listing.objects.bulk_create(
        Listing(host=hosts[n % len(hosts)], title=f"{PLACES[n % 5]} {n + 1}", city=CITIES[n % 6])
        for n in range(listings)
    )
    Review.objects.bulk_create(
        Review(listing=listing, author=NAMES[(n + part) % 7], rating=3 + (n * part) % 3)
        for n, listing in enumerate(stored)
        for part in range(1 + n % 5)
    )
