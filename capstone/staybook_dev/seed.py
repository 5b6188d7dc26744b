"""A market to look at: hosts, guests, two hundred listings with pictures drawn here, stays and reviews.

The same rows every time. ``python -m staybook_dev.seed`` fills an empty database; with ``--migrate`` it brings the
tables up to date first, and looks no further when they are.
"""

from __future__ import annotations

import io
import os
import random
import sys
from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from staybook.booking.models import Booking
    from staybook.catalog.models import Property

LISTINGS = 200
PASSWORD = "staybook-for-learners"
LOGINS = {"guest": "guest@staybook.example", "host": "host@staybook.example", "admin": "admin@staybook.example"}

_CITIES = {
    "addis-ababa": ("Addis Ababa", "ET", "Africa/Addis_Ababa", "ETB", 2400),
    "accra": ("Accra", "GH", "Africa/Accra", "GHS", 420),
    "cape-town": ("Cape Town", "ZA", "Africa/Johannesburg", "ZAR", 1100),
    "lagos": ("Lagos", "NG", "Africa/Lagos", "NGN", 52000),
    "lisbon": ("Lisbon", "PT", "Europe/Lisbon", "EUR", 95),
    "mombasa": ("Mombasa", "KE", "Africa/Nairobi", "KES", 6500),
    "nairobi": ("Nairobi", "KE", "Africa/Nairobi", "KES", 7200),
    "new-york": ("New York", "US", "America/New_York", "USD", 190),
}
_AMENITIES = (
    "wifi",
    "kitchen",
    "pool",
    "parking",
    "air conditioning",
    "garden",
    "balcony",
    "crib",
    "workspace",
    "sea view",
)
_KINDS = ("Loft", "Cottage", "Studio", "Villa", "Flat", "Cabin", "House", "Room")
_PLACES = (
    "by the market",
    "under the jacaranda",
    "near the harbour",
    "above the bakery",
    "in the old town",
    "on the hill",
)
_NAMES = ("Amara", "Bola", "Chidi", "Dalia", "Efua", "Farai", "Gift", "Hana", "Imani", "Jabu", "Kwame", "Lindiwe")
_WORDS = (
    "Quiet, clean, and as shown.",
    "The morning light alone is worth it.",
    "We would come again.",
    "Smaller than it looks.",
)


def seed() -> bool:
    """Fill an empty database; False when somebody lives there already."""
    from django.db import transaction

    from staybook.accounts.models import User

    if User.objects.exists():
        return False
    dice = random.Random(2026)
    with transaction.atomic():
        hosts, guests = _people(dice)
        listings = _listings(dice, hosts)
        _pictures(dice, listings)
        _stays(dice, guests)
    return True


def migrate() -> None:
    """Bring the tables up to date. To look whether they are costs less than to let Django find nothing to do."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0)


def _people(dice: random.Random) -> tuple[list[int], list[int]]:
    """The three logins that are shown, and others without a password; ids of hosts and of guests."""
    from django.contrib.auth.hashers import make_password

    from staybook.accounts.models import Role, User

    secret = make_password(PASSWORD)
    known = [
        User(email=email, name=role.capitalize(), role=role, password=secret, is_superuser=role == "admin")
        for role, email in LOGINS.items()
    ]
    others = [
        User(
            email=f"{name.lower()}{number}@staybook.example", name=name, role=dice.choice(Role.values[:2]), password="!"
        )
        for number, name in enumerate(_NAMES * 4)
    ]
    made = User.objects.bulk_create([*known, *others])
    return (
        [user.pk for user in made if user.role == Role.HOST],
        [user.pk for user in made if user.role == Role.GUEST],
    )


def _listings(dice: random.Random, hosts: list[int]) -> list[int]:
    """Two hundred properties in eight cities; their ids."""
    from staybook.catalog.models import Amenity, CancellationPolicy, City, Property

    cities = City.objects.bulk_create([
        City(slug=slug, name=name, country=country, timezone=zone)
        for slug, (name, country, zone, _, _) in _CITIES.items()
    ])  # fmt: skip
    amenities = Amenity.objects.bulk_create([Amenity(slug=name.replace(" ", "-"), name=name) for name in _AMENITIES])
    rows = []
    for _ in range(LISTINGS):
        city = dice.choice(cities)
        *_, currency, usual = _CITIES[city.slug]
        nightly = Decimal(round(usual * dice.uniform(0.4, 2.2)))
        rows.append(
            Property(
                host_id=dice.choice(hosts),
                city=city,
                title=f"{dice.choice(_KINDS)} {dice.choice(_PLACES)}",
                description=f"A place in {city.name} for those who want to arrive, sleep well, and go out again.",
                sleeps=dice.randint(1, 8),
                nightly=nightly,
                cleaning_fee=nightly // 4,
                currency=currency,
                cancellation_policy=dice.choice(CancellationPolicy.values),
            )
        )
    made = Property.objects.bulk_create(rows)
    link = Property.amenities.through
    link.objects.bulk_create(
        link(property_id=place.pk, amenity_id=amenity.pk)
        for place in made
        for amenity in dice.sample(amenities, dice.randint(2, 6))
    )
    return [place.pk for place in made]


def _pictures(dice: random.Random, listings: list[int]) -> None:
    """Two for each listing, out of two dozen that are drawn once."""
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    from staybook.catalog.models import Photo

    names = []
    for number in range(24):
        name = f"photos/seed/{number}.jpg"
        if not default_storage.exists(name):
            default_storage.save(name, ContentFile(_draw(number)))
        names.append(name)
    Photo.objects.bulk_create(
        Photo(property_id=place, position=position, image=name, caption=caption)
        for place in listings
        for position, (name, caption) in enumerate(
            zip(dice.sample(names, 2), ("From the street", "The view"), strict=True)
        )
    )


def _draw(number: int) -> bytes:
    """A house under a sky, as JPEG of 640 by 420 pixels; another for each number."""
    from PIL import Image, ImageDraw

    dice = random.Random(number)
    width, height, ground = 640, 420, 300
    picture = Image.new("RGB", (width, height))
    pen = ImageDraw.Draw(picture)
    top, bottom = ([dice.randint(low, 255) for low in (90, 120, 150)] for _ in range(2))
    for y in range(ground):
        pen.line([(0, y), (width, y)], fill=tuple(a + (b - a) * y // ground for a, b in zip(top, bottom, strict=True)))
    pen.rectangle([0, ground, width, height], fill=(dice.randint(60, 120), dice.randint(110, 160), 80))
    pen.ellipse(_square(dice.randint(60, 560), dice.randint(50, 110), 34), fill=(255, 240, 190))
    left, wide, high = dice.randint(60, 220), dice.randint(200, 320), dice.randint(110, 170)
    wall = tuple(dice.randint(150, 245) for _ in range(3))
    pen.rectangle([left, ground - high, left + wide, ground], fill=wall)
    pen.polygon(
        [(left - 20, ground - high), (left + wide // 2, ground - high - 80), (left + wide + 20, ground - high)],
        fill=(130, 60, 50),
    )
    for x in range(left + 24, left + wide - 40, 64):
        pen.rectangle([x, ground - high + 30, x + 36, ground - high + 76], fill=(70, 90, 120), outline=(250, 250, 250))
    pen.rectangle([left + wide // 2 - 18, ground - 62, left + wide // 2 + 18, ground], fill=(90, 60, 40))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()


def _square(x: int, y: int, radius: int) -> tuple[int, int, int, int]:
    return x - radius, y - radius, x + radius, y + radius


def _stays(dice: random.Random, guests: list[int]) -> None:
    """Past stays with reviews, and coming ones that take their nights."""
    from django.db.models import F

    from staybook.booking.models import Booking, BookingNight, Status
    from staybook.catalog.models import Property
    from staybook.reviews.models import Review

    places = {place.pk: place for place in Property.objects.all()}
    bookings = Booking.objects.bulk_create(_bookings(dice, places.values(), guests))
    BookingNight.objects.bulk_create(
        BookingNight(
            booking=booking, night=booking.check_in + timedelta(days=day), price=places[booking.property_id].nightly
        )
        for booking in bookings
        for day in range(booking.nights)
    )
    reviews = [
        Review(
            booking=booking,
            property_id=booking.property_id,
            guest_id=booking.guest_id,
            rating=dice.choice((3, 4, 4, 5, 5, 5)),
            text=dice.choice(_WORDS),
        )
        for booking in bookings
        if booking.status == Status.COMPLETED and dice.random() < 0.7
    ]
    Review.objects.bulk_create(reviews)
    for review in reviews:
        Property.objects.filter(pk=review.property_id).update(
            rating_sum=F("rating_sum") + review.rating, rating_count=F("rating_count") + 1
        )


def _bookings(dice: random.Random, places: Iterable[Property], guests: list[int]) -> Iterator[Booking]:
    """For each place, stays that follow one another and never meet, from four months ago to four ahead."""
    from staybook.booking.models import Booking, Status
    from staybook.common import clock

    today = clock.today_in("UTC")
    for place in places:
        day = today - timedelta(days=dice.randint(90, 120))
        while day < today + timedelta(days=120):
            nights = dice.randint(1, 6)
            leaves = day + timedelta(days=nights)
            if not day <= today < leaves:
                yield Booking(
                    property=place, guest_id=dice.choice(guests), check_in=day, check_out=leaves, guests=1,
                    status=Status.COMPLETED if leaves <= today else Status.CONFIRMED, cleaning_fee=place.cleaning_fee,
                    total=place.nightly * nights + place.cleaning_fee, currency=place.currency,
                    cancellation_policy=place.cancellation_policy,
                )  # fmt: skip
            day = leaves + timedelta(days=dice.randint(5, 30))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "staybook.config.settings")
    django.setup()
    if sys.argv[1:] == ["--migrate"]:
        migrate()
    print("made" if seed() else "kept: there are people in this database already")
