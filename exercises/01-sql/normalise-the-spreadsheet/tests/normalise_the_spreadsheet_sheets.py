"""Spreadsheets with one line for each booking."""

from datetime import date, timedelta
from typing import NamedTuple


class Line(NamedTuple):
    """A line of the spreadsheet."""

    booking_id: int
    check_in: date
    check_out: date
    guest_id: int
    guest_name: str
    guest_email: str
    listing_id: int
    listing_title: str
    city: str
    amenities: str
    host_id: int
    host_name: str
    host_phone: str | None


def sheet(rng, *, hosts, listings, guests, bookings):
    """Draw a spreadsheet; the first listings and guests are sure to have a booking."""
    host_of = {
        id: (id, rng.choice(["Hana", "Ivo", "Jun"]), rng.choice([None, f"+233 20 {id}", f"+233 20 {id}", "+233 30 0"]))
        for id in rng.sample(range(1, 90), hosts)
    }
    every = ["garden", "parking", "pool", "wifi", "wifi-less rooms"]
    listing_of = {}
    for n, id in enumerate(rng.sample(range(100, 900), listings)):
        amenities = ", ".join(sorted(rng.sample(every, n % 4))) or ("wifi-less rooms" if n == 4 else "")
        host = list(host_of.values())[n // 2 % hosts]
        listing_of[id] = (id, rng.choice(["Loft", "Mill"]), rng.choice(["Accra", "Oslo"]), amenities, *host)
    guest_of = {
        id: (id, rng.choice(["Ada", "Bola"]), f"guest{id}@example.org") for id in rng.sample(range(1, 900), guests)
    }
    lines = []
    for n, id in enumerate(rng.sample(range(1000, 9000), bookings)):
        begins = date(2026, 1, 1) + timedelta(rng.randrange(300))
        listing, guest = list(listing_of)[n % listings], list(guest_of)[n % guests]
        dates = (begins, begins + timedelta(rng.randint(1, 9)))
        lines.append(Line(id, *dates, *guest_of[guest], *listing_of[listing]))
    return rng.sample(lines, len(lines))


def a_short_sheet(rng):
    """Four hosts with two listings each; the first guests have two bookings, the others one."""
    return sheet(rng, hosts=4, listings=8, guests=9, bookings=16)


def a_long_sheet(rng):
    return sheet(rng, hosts=30, listings=80, guests=300, bookings=2000)


def a_sheet_of_one_line(rng):
    return sheet(rng, hosts=1, listings=1, guests=1, bookings=1)
