"""Cities with hosts, listings, bookings and targets, and what the report says of them."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple


class Row(NamedTuple):
    """One row of the report."""

    city: str
    revenue: Decimal
    target: Decimal | None
    nights: int
    hosts: str | None
    top_listing: str | None


class Listing(NamedTuple):
    id: int
    user_id: int
    city: str
    title: str


@dataclass
class World:
    """Hosts with their listings, what was booked, and what each city should earn."""

    told: str
    hosts: dict[int, str]
    targets: dict[str, Decimal]
    listings: dict[int, Listing] = field(default_factory=dict)
    bookings: list[dict] = field(default_factory=list)

    def listing(self, id, host, city, *totals, cancelled=()):
        """Store a listing, and a stay of one night or more for each total."""
        self.listings[id] = Listing(id, host, city, f"House {id}")
        for status, amounts in {"confirmed": totals, "cancelled": cancelled}.items():
            for total in amounts:
                begins = date(2026, 1, 1) + timedelta(7 * len(self.bookings) % 300)
                dates = {"check_in": begins, "check_out": begins + timedelta(1 + len(self.bookings) % 4)}
                id_ = len(self.bookings) + 1
                self.bookings.append({"id": id_, "listing_id": id, **dates, "status": status, "total": Decimal(total)})

    def nights_as_numbers(self, city):
        """The nights of a city as MySQL adds up check_out - check_in: 2 March 2026 is 20260302 to it."""
        stays = [stay for stay in self.bookings if self.listings[stay["listing_id"]].city == city]
        return sum(
            int(f"{stay['check_out']:%Y%m%d}") - int(f"{stay['check_in']:%Y%m%d}")
            for stay in stays
            if stay["status"] != "cancelled"
        )

    def report(self):
        """What the brief asks for, by city."""
        revenue, nights, booked = Counter(), Counter(), defaultdict(Counter)
        for stay in self.bookings:
            if stay["status"] != "cancelled":
                listing = self.listings[stay["listing_id"]]
                revenue[listing.city] += stay["total"]
                nights[listing.city] += (stay["check_out"] - stay["check_in"]).days
                booked[listing.city][listing] += stay["total"]
        rows = {}
        for city in {*booked, *self.targets}:
            hosts = sorted({self.hosts[listing.user_id] for listing in booked[city]})
            top = min(booked[city], key=lambda each: (-booked[city][each], each.id), default=None)
            rows[city] = Row(
                city,
                Decimal(revenue[city]),
                self.targets.get(city),
                nights[city],
                ", ".join(hosts) or None,
                top and top.title,
            )
        return rows


def a_few_cities(rng):
    """One city for each case: booked and targeted, only the one, only the other, neither."""
    hana, ivo, jun = rng.sample(range(1, 90), 3)
    targets = {"Accra": Decimal("2000.00"), "Oslo": Decimal("500.00"), "Lima": Decimal("300.00")}
    world = World(
        "I stored cities with bookings and a target (Accra), with a target only (Oslo, Lima), with bookings only "
        "(Pisa), and with neither (Nuuk, Cork).",
        {hana: "Hana", ivo: "Ivo", jun: "Jun"},
        targets,
    )
    loft, garden, mill, attic, hut, cave, barn = rng.sample(range(1, 900), 7)
    world.listing(loft, ivo, "Accra", "240.00", "480.00")
    world.listing(garden, hana, "Accra", "120.00", "120.00")
    world.listing(barn, hana, "Accra", "35.50")
    world.listing(mill, jun, "Pisa", "120.00", cancelled=["900.00"])
    world.listing(attic, jun, "Lima", cancelled=["75.00"])
    world.listing(hut, jun, "Nuuk", cancelled=["50.00"])
    world.listing(cave, jun, "Cork")
    return world


def names_and_ties(rng):
    """Hosts of one name, listings of one revenue."""
    first, second, other = rng.sample(range(1, 90), 3)
    world = World(
        "I stored a city in which two hosts are called Ada, and three listings earned the same.",
        {first: "Ada", second: "Ada", other: "Zola"},
        {"Accra": Decimal("100.00")},
    )
    ids = rng.sample(range(1, 900), 4)
    world.listing(ids[0], other, "Accra", "50.00")
    for id in sorted(ids[1:], reverse=True):
        world.listing(id, rng.choice([first, second]), "Accra", "100.00", "100.00")
    return world


def nothing_booked_yet(rng):
    return World(
        "I stored two targets and no booking.", {1: "Ada"}, {"Accra": Decimal("9.00"), "Oslo": Decimal("8.00")}
    )


def a_long_year(rng):
    """Sixty cities, 300 listings, some 1,500 bookings."""
    hosts = {id: rng.choice(["Ada", "Bola", "Chidi", "Dede", "Efe"]) for id in rng.sample(range(1, 900), 60)}
    cities = [f"City{n}" for n in range(60)]
    targets = {city: Decimal(rng.randint(1, 90) * 100) for city in rng.sample(cities, 40)}
    world = World("I stored 60 cities with 300 listings and some 1,500 bookings.", hosts, targets)
    for id in rng.sample(range(1, 9000), 300):
        totals = [f"{rng.randint(40, 900)}.{rng.choice(['00', '50'])}" for _ in range(rng.randint(0, 8))]
        world.listing(
            id, rng.choice(list(hosts)), rng.choice(cities), *totals, cancelled=["99.00"][: rng.randint(0, 1)]
        )
    return world
