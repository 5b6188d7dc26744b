"""Cities with their listings, and how often each of these was booked."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class World:
    """Cities, their listings, and how often each of these was booked."""

    told: str
    cities: dict[int, str] = field(default_factory=dict)
    listings: dict[int, int | None] = field(default_factory=dict)
    bookings: list[tuple[int, str]] = field(default_factory=list)

    def city(self, id, name, *counts, cancelled=0):
        """Build a city with one listing for each count, in no order of ids; the last also has cancelled bookings."""
        self.cities[id] = name
        places = sorted(range(len(counts)), key=lambda n: (n * 7 + id) % 11)
        for place in places:
            listing = self.listing(id, counts[place])
            if place == len(counts) - 1:
                self.bookings += [(listing, "cancelled")] * cancelled

    def listing(self, city, count):
        """Build a listing with ``count`` bookings; every third of them is not confirmed yet."""
        id = len(self.listings) + 1
        self.listings[id] = city
        self.bookings += [(id, "pending" if n % 3 == 2 else "confirmed") for n in range(count)]
        return id

    def booked(self):
        """How many bookings that count each listing has; who has none is not there."""
        return Counter(listing for listing, status in self.bookings if status != "cancelled")

    def places(self):
        """What the brief asks for: the place of each listing that was booked, in its city."""
        booked = self.booked()
        rivals = {listing: count for listing, count in booked.items() if self.listings[listing] is not None}
        by_city = {}
        for listing, count in rivals.items():
            by_city.setdefault(self.listings[listing], []).append(count)
        return {
            listing: 1 + sum(other > count for other in by_city[self.listings[listing]])
            for listing, count in rivals.items()
        }

    def top(self):
        return {listing for listing, place in self.places().items() if place <= 3}

    def named(self, listing):
        """A listing, its city and its bookings, as a message says them."""
        count = self.booked()[listing]
        where = self.cities.get(self.listings.get(listing), "no city")
        return f"listing {listing} in {where} ({count} booking{'' if count == 1 else 's'})"


def some_ids(rng, count):
    return rng.sample(range(1, 900), count)


def a_few_cities(rng):
    """No ties; one city of two listings, one without a booking, one without a listing."""
    world = World("I stored five cities: two with five listings each, one with two, one never booked, one empty.")
    accra, lagos, nuuk, pisa, empty = some_ids(rng, 5)
    world.city(accra, "Accra", 9, 7, 5, 4, 1)
    world.city(lagos, "Lagos", 40, 30, 20, 15, 12)
    world.city(nuuk, "Nuuk", 2, 1)
    world.city(pisa, "Pisa", 0, 0, 0)
    world.city(empty, "Atlantis")
    return world


def two_of_one_name(rng):
    """Four hundred kilometres of ocean between two Valencias, one of which is booked far more."""
    world = World("I stored two cities that are both called Valencia, with four listings each.")
    spain, venezuela = some_ids(rng, 2)
    world.city(spain, "Valencia", 90, 80, 70, 60)
    world.city(venezuela, "Valencia", 8, 6, 4, 2)
    return world


def not_placed_yet(rng):
    """Listings that nobody has given a city."""
    world = World("I stored one city with three listings, and two listings without a city.")
    world.city(*some_ids(rng, 1), "Accra", 5, 4, 3)
    world.listing(None, 9)
    world.listing(None, 2)
    return world


def tied_for_third(rng):
    world = World("I stored one city, whose listings have 9, 7, 5, 5, 5 and 2 bookings.")
    world.city(*some_ids(rng, 1), "Accra", 9, 7, 5, 5, 5, 2)
    return world


def tied_for_second(rng):
    world = World("I stored one city, whose listings have 9, 7, 7, 5 and 2 bookings.")
    world.city(*some_ids(rng, 1), "Accra", 9, 7, 7, 5, 2)
    return world


def tied_for_first(rng):
    world = World("I stored one city, whose listings have 8, 8, 8, 8 and 3 bookings.")
    world.city(*some_ids(rng, 1), "Accra", 8, 8, 8, 8, 3)
    return world


def a_wide_world(rng):
    """Forty cities and 5,000 bookings, with ties nearly everywhere."""
    world = World("I stored 40 cities with some 400 listings and 5,000 bookings, in no order.")
    for id in some_ids(rng, 40):
        world.city(id, f"City {id}", *(rng.choice([1, 3, 8, 15, 20, 21]) for _ in range(rng.randint(1, 20))))
    return world


def much_is_cancelled(rng):
    world = World("I stored a city whose listings have 6, 5, 4, 3 and 2 bookings; the last had 20 more, cancelled.")
    world.city(*some_ids(rng, 1), "Accra", 6, 5, 4, 3, 2, cancelled=20)
    return world


def hardly_booked(rng):
    world = World(
        "I stored two cities: in one, two listings are booked and two are not; "
        "in the other, one is booked and one has only cancelled bookings."
    )
    quiet, gone = some_ids(rng, 2)
    world.city(quiet, "Nuuk", 2, 1, 0, 0)
    world.city(gone, "Pisa", 1, 0, cancelled=4)
    return world
