"""Listings, their bookings, and a stay that is asked about."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple


class Booking(NamedTuple):
    """One booking, and how it lies to the stay that is asked about, where that is of interest."""

    id: int
    listing_id: int | None
    check_in: date
    check_out: date
    status: str
    how: str

    def __str__(self):
        return f"booking {self.id}, {self.check_in} to {self.check_out}, {self.how}"


@dataclass
class World:
    """Listings, their bookings, and the stay from ``a`` to ``b`` that is asked about."""

    told: str
    a: date
    b: date
    listings: list[int]
    bookings: list[Booking] = field(default_factory=list)

    def book(self, listing, check_in, check_out, *, how="", status="confirmed"):
        self.bookings.append(Booking(len(self.bookings) + 1, listing, check_in, check_out, status, how))

    def in_the_way(self, listing):
        """What the brief calls taken: the bookings of ``listing`` that share a night with the stay, if any."""
        return [
            booking
            for booking in self.bookings
            if booking.listing_id == listing
            and booking.status != "cancelled"
            and booking.check_in < self.b
            and booking.check_out > self.a
        ]

    def free(self):
        return {listing for listing in self.listings if not self.in_the_way(listing)}

    def bookings_of(self, listing):
        return [booking for booking in self.bookings if booking.listing_id == listing]

    @property
    def did(self):
        return f"{self.told} Then I ran query.sql with :a = {self.a} and :b = {self.b}."


def relations(a, b, rng):
    """Thirteen ways in which another stay can lie to that from ``a`` to ``b``, which has three nights at least.

    They are those of Allen, Maintaining knowledge about temporal intervals, 1983.
    """
    day, some = timedelta(1), timedelta(rng.randint(2, 9))
    return {
        "lies before your dates": (a - some - day, a - day),
        "ends on the day you arrive": (a - some, a),
        "begins before you arrive, and ends during your stay": (a - some, a + day),
        "begins with yours and ends earlier": (a, b - day),
        "lies inside your dates": (a + day, b - day),
        "has exactly your dates": (a, b),
        "ends with yours and begins later": (a + day, b),
        "encloses your dates": (a - some, b + some),
        "begins with yours and ends later": (a, b + some),
        "ends with yours and begins earlier": (a - some, b),
        "begins during your stay, and ends after you leave": (b - day, b + some),
        "begins on the day you leave": (b, b + some),
        "lies after your dates": (b + day, b + day + some),
    }


def ids(rng, count):
    return rng.sample(range(1, 9000), count)


def some_dates(rng, *, nights=None):
    a = date(2026, 1, 10) + timedelta(days=rng.randrange(300))
    return a, a + timedelta(days=nights or rng.randint(4, 12))


def every_relation(rng):
    """One listing for each way in which two stays can lie."""
    a, b = some_dates(rng)
    told = "I stored thirteen listings with one booking each, one for every way in which two stays can lie."
    world = World(told, a, b, ids(rng, 13))
    for listing, (how, dates) in zip(world.listings, relations(a, b, rng).items(), strict=True):
        world.book(listing, *dates, how=how, status=rng.choice(["confirmed", "pending"]))
    return world


def one_night(rng):
    """The shortest stay there is, and bookings of one night around it."""
    a, b = some_dates(rng, nights=1)
    world = World("I stored four listings, each with bookings of one night.", a, b, ids(rng, 4))
    before, same, after, both = world.listings
    day = timedelta(1)
    world.book(before, a - day, a, how="ends on the day you arrive")
    world.book(same, a, b, how="has exactly your dates")
    world.book(after, b, b + day, how="begins on the day you leave")
    world.book(both, a - day, a, how="ends on the day you arrive")
    world.book(both, b, b + day, how="begins on the day you leave")
    return world


def one_of_several(rng):
    """Each listing has three bookings, one of which is in the way."""
    a, b = some_dates(rng)
    told = "I stored five listings; each has a booking before your dates, one after them, and one that is in the way."
    world = World(told, a, b, ids(rng, 5))
    ways = [each for each in relations(a, b, rng).items() if each[1][0] < b and each[1][1] > a]
    for listing, (how, dates) in zip(world.listings, rng.sample(ways, 5), strict=True):
        world.book(listing, a - timedelta(60), a - timedelta(50), how="lies before your dates")
        world.book(listing, *dates, how=how)
        world.book(listing, b + timedelta(50), b + timedelta(60), how="lies after your dates")
    return world


def nobody_has_booked(rng):
    a, b = some_dates(rng)
    return World("I stored four listings and no booking.", a, b, ids(rng, 4))


def a_host_has_left(rng):
    """Bookings without a listing, before, during and after the stay."""
    a, b = some_dates(rng)
    world = World(
        "I stored six listings, one of which is taken, and three bookings whose listing was deleted.", a, b, ids(rng, 6)
    )
    far = timedelta(40)
    world.book(world.listings[0], a, b, how="has exactly your dates")
    for check_in, check_out in [(a - far, b - far), (a, b), (a + far, b + far)]:
        world.book(None, check_in, check_out)
    return world


def much_is_cancelled(rng):
    """Cancelled bookings on the dates; each listing has a past stay as well."""
    a, b = some_dates(rng)
    world = World("I stored five listings, each with a past stay and a cancelled one.", a, b, ids(rng, 5))
    ways = [each for each in relations(a, b, rng).items() if each[1][0] < b and each[1][1] > a]
    for listing, (how, dates) in zip(world.listings, rng.sample(ways, 5), strict=True):
        world.book(listing, a - timedelta(60), a - timedelta(50), how="lies before your dates")
        world.book(listing, *dates, how=how, status="cancelled")
    return world


def a_busy_coast(rng):
    """Hundreds of listings and thousands of bookings; none only touches the stay."""
    a, b = some_dates(rng)
    world = World("I stored 300 listings and some 3,000 bookings of one year, in no order.", a, b, ids(rng, 300))
    for listing in [*world.listings[:270] * 4, *rng.choices(world.listings[:270], k=2000)]:
        check_in = date(2026, 1, 1) + timedelta(days=rng.randrange(360))
        check_out = check_in + timedelta(days=rng.randint(1, 20))
        if check_out != a and check_in != b:
            world.book(listing, check_in, check_out, how="is one of many")
    return world
