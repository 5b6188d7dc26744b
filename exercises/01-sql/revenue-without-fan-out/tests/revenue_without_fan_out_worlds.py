"""Small marketplaces: listings, what was paid for their bookings, and how they were rated."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal


@dataclass
class World:
    """Listings with their bookings, and each booking with its payments and reviews."""

    told: str
    listings: dict[int, str]
    bookings: dict[int, int] = field(default_factory=dict)
    payments: list[tuple[int, Decimal, str]] = field(default_factory=list)
    reviews: list[tuple[int, int]] = field(default_factory=list)

    def book(self, listing, *, paid=(), ratings=(), failed=(), refunded=()):
        """Store one booking with what was paid for it, in instalments, and how its guests rated it."""
        booking = len(self.bookings) + 1
        self.bookings[booking] = listing
        for status, amounts in {"paid": paid, "failed": failed, "refunded": refunded}.items():
            self.payments += [(booking, Decimal(amount), status) for amount in amounts]
        self.reviews += [(booking, rating) for rating in ratings]

    def payments_of(self, listing, *, status="paid"):
        """The payments for bookings of ``listing``; of every status, where it is None."""
        return [each for each in self.payments if self.bookings[each[0]] == listing and each[2] == (status or each[2])]

    def reviews_of(self, listing):
        return [each for each in self.reviews if self.bookings[each[0]] == listing]

    def revenue(self):
        """What the brief asks for: the sum of the paid payments, by listing."""
        total = dict.fromkeys(self.listings, Decimal(0))
        for booking, amount, status in self.payments:
            total[self.bookings[booking]] += amount if status == "paid" else 0
        return total

    def average_rating(self):
        """What the brief asks for: the average over the reviews, to two decimals, by listing."""
        ratings = defaultdict(list)
        for booking, rating in self.reviews:
            ratings[self.bookings[booking]].append(rating)
        return {listing: average(ratings[listing]) for listing in self.listings}

    def named(self, listing):
        return f"{self.listings[listing]} (listing {listing})"


def average(ratings):
    if not ratings:
        return None
    return (Decimal(sum(ratings)) / len(ratings)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def a_street(rng):
    """Four listings, each of which shows one way of counting wrongly."""
    ids = sorted(rng.sample(range(1, 90), 4))
    loft, garden, mill, cabin = ids
    titles = ("Harbour loft", "Garden room", "Old mill", "Hill cabin")
    world = World("I stored four listings, all of them paid for and reviewed.", dict(zip(ids, titles, strict=True)))
    world.book(loft, paid=["480.00"], ratings=[5, 4, 4])
    world.book(garden, paid=["120.00"], ratings=[3])
    world.book(garden, paid=["120.00"], ratings=[3])
    world.book(garden, paid=["95.50"], ratings=[5])
    world.book(mill, paid=["100.00", "150.50"], ratings=[5], failed=["150.50"])
    world.book(mill, paid=["60.00"], ratings=[2], refunded=["60.00"])
    world.book(cabin, paid=["210.00"], ratings=[5, 5, 4])
    world.book(cabin, paid=["75.25"], ratings=[1])
    return world


def a_whole_coast(rng):
    """More than five thousand rows, with few different prices."""
    listings = {id: f"Listing {id}" for id in rng.sample(range(1, 9000), 250)}
    world = World("I stored 250 listings with 1,500 bookings, and one to three payments for each.", listings)
    prices = [Decimal(euros) + Decimal(cents) / 100 for euros in (60, 90, 120, 480) for cents in (0, 50, 99)]
    for listing in [*listings, *rng.choices(list(listings), k=1250)]:
        world.book(
            listing,
            paid=rng.choices(prices, k=rng.randint(1, 3)),
            ratings=[rng.randint(1, 5) for _ in range(rng.randint(1, 3))],
            failed=rng.choices(prices, k=rng.choice([0, 0, 1])),
            refunded=rng.choices(prices, k=rng.choice([0, 0, 1])),
        )
    return world


def a_quiet_village(rng):
    """Listings that nobody booked, paid or rated, beside one that is doing well."""
    ids = sorted(rng.sample(range(1, 90), 6))
    titles = ("Never booked", "Never paid", "Paid back", "Rated but unpaid", "Paid but unrated", "Doing well")
    world = World("I stored six listings, most of them with a gap.", dict(zip(ids, titles, strict=True)))
    _, unpaid, paid_back, rated, unrated, well = ids
    world.book(unpaid)
    world.book(paid_back, refunded=["300.00"], failed=["300.00"])
    world.book(rated, ratings=[4])
    world.book(unrated, paid=["80.00"])
    world.book(well, paid=["200.00"], ratings=[5])
    return world


def nothing_happened_yet(rng):
    return World("I stored three listings and no booking.", {id: f"Listing {id}" for id in rng.sample(range(1, 90), 3)})


def many_of_one_price(rng):
    """Sixty listings, each with one booking, one payment and one review, at five prices."""
    listings = {id: f"Listing {id}" for id in rng.sample(range(1, 900), 60)}
    world = World("I stored 60 listings; each earned 75, 90, 100, 480 or 1,200.", listings)
    for listing in rng.sample(list(listings), 60):
        world.book(listing, paid=[rng.choice(["75.00", "90.00", "100.00", "480.00", "1200.00"])], ratings=[4])
    return world
