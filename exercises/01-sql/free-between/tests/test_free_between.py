"""Every listing that is free for a whole stay comes out, and none in which somebody sleeps."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

import pytest

from prodev.testbed import explain

RANGES = "The example of the brief, drawn as lines; two stays overlap when each begins before the other ends"
LESSON = "Lesson 'Aggregates, windows and NULL', section 'True, false and unknown'"


class Row(NamedTuple):
    """One row of the answer."""

    listing_id: int
    title: str


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


@pytest.fixture(scope="module")
def asked():
    """What was answered in each world: every test looks at the same rows."""
    return {}


@pytest.fixture
def ask(candidate, database, draw, asked):
    """Make a world, store it in no order, run query.sql, and return the world and its rows; each world once."""

    def ask(make_world):
        if make_world not in asked:
            world = make_world(draw(make_world.__name__))
            asked[make_world] = world, answer_in(world)
        return asked[make_world]

    def answer_in(world):
        columns = ("id", "listing_id", "check_in", "check_out", "status")
        tables = {
            "listing": [{"id": id, "title": f"House {id}"} for id in world.listings],
            "booking": [{name: getattr(booking, name) for name in columns} for booking in world.bookings],
        }
        shuffled = draw("order").sample
        database.load({name: shuffled(rows, len(rows)) for name, rows in tables.items()})
        answer = database.run(candidate.text("query.sql"), a=world.a, b=world.b)
        named = answer.columns or Row._fields  # an answer without rows comes without names
        assert sorted(named) == sorted(Row._fields), explain(
            did="I ran query.sql and looked at the names of its columns.",
            saw=f"They are {', '.join(answer.columns)}; I expected {', '.join(Row._fields)}.",
            why="Whoever reads the answer finds each value by the name of its column.",
            look="The list after SELECT: `expression AS name` gives a column its name.",
        )
        return [Row(**dict(zip(answer.columns, row, strict=True))) for row in answer.rows]

    return ask


@pytest.mark.task("overlap")
@pytest.mark.parametrize("world", [every_relation, one_night, one_of_several, a_busy_coast])
def test_nobody_else_sleeps_there(ask, world):
    """A listing with a booking that shares a night is not shown, however the two stays lie."""
    world, rows = ask(world)

    clashes = {row.listing_id: world.in_the_way(row.listing_id) for row in rows}
    shown = [(listing, found[0]) for listing, found in clashes.items() if found]
    shown.sort(key=lambda pair: pair[1].how != "encloses your dates")

    assert not shown, explain(
        did=world.did,
        saw=f"{len(shown)} of {len(world.listings) - len(world.free())} taken listings came out. "
        + " ".join(f"Listing {listing} has {booking}." for listing, booking in shown[:2]),
        why=_why_shown(shown, world),
        look=f"{RANGES}.",
    )


@pytest.mark.task("back-to-back")
@pytest.mark.parametrize("world", [every_relation, one_night])
def test_stays_may_touch(ask, world):
    """A listing is free if its other guests leave on :a, or arrive on :b."""
    world, rows = ask(world)
    touching = [each for each in world.bookings if each.check_out == world.a or each.check_in == world.b]

    seen = {row.listing_id for row in rows}
    refused = [booking for booking in touching if booking.listing_id not in seen]

    assert not refused, explain(
        did=world.did,
        saw=f"Listing {refused[0].listing_id} did not come out. It has {refused[0]}.",
        why=f"You refused a legal back-to-back stay: one guest leaves on {_touch(refused[0], world)}, the next arrives "
        "on the same day, and they share no night.",
        look="The ends of your comparison: <= where < belongs, BETWEEN, or a range with ']'.",
    )


@pytest.mark.task("cancelled")
def test_a_cancelled_booking_takes_no_night(ask):
    """A listing is free where the only booking in the way is cancelled."""
    world, rows = ask(much_is_cancelled)

    seen = {row.listing_id for row in rows}
    lost = [each for each in world.bookings if each.status == "cancelled" and each.listing_id not in seen]

    assert not lost, explain(
        did=world.did,
        saw=f"{len(lost)} of 5 listings did not come out, such as listing {lost[0].listing_id}. It has {lost[0]}, "
        "and that is cancelled.",
        why="A cancelled booking stays in the table for the books. The house stands empty, and could be sold.",
        look="The condition on status, where you look for a booking that is in the way.",
    )


@pytest.mark.task("every-free")
@pytest.mark.parametrize("world", [nobody_has_booked, a_host_has_left, a_busy_coast])
def test_every_free_listing_comes_out(ask, world):
    """Whatever is free is shown, whether it was booked at other times or never."""
    world, rows = ask(world)
    free = world.free()

    lost = sorted(free - {row.listing_id for row in rows})

    assert not lost, explain(
        did=world.did,
        saw=f"{len(lost)} of {len(free)} free listings did not come out, such as listing {lost[0]}, which has "
        f"{len(world.bookings_of(lost[0])) or 'no'} bookings, none of them in the way.",
        why=_why_lost(lost, rows, world),
        look=f"How you say 'there is none'. {LESSON}.",
    )


@pytest.mark.task("every-free")
@pytest.mark.parametrize("world", [nobody_has_booked, a_busy_coast])
def test_a_listing_comes_out_once(ask, world):
    """Each row is one stored listing, under its own title."""
    world, rows = ask(world)

    times = Counter(rows)
    strange = [row for row in times if row.listing_id not in world.listings or row.title != f"House {row.listing_id}"]
    doubled = [row for row in times if times[row] > 1]

    assert not strange, explain(
        did=world.did,
        saw=f"You show listing {strange[0].listing_id} with the title {strange[0].title!r}; no such listing is stored.",
        why="Whoever clicks on it is led to another house, or to none.",
        look="Which table the id and the title are taken from.",
    )
    assert not doubled, explain(
        did=world.did,
        saw=f"Listing {doubled[0].listing_id} came out {times[doubled[0]]} times.",
        why="A join makes one row for each pair: a listing with five bookings that fit is there five times.",
        look="Whether you need columns of booking at all: NOT EXISTS asks about bookings, and joins none.",
    )


def _touch(booking, world):
    return booking.check_out if booking.check_out == world.a else booking.check_in


def _why_shown(shown, world):
    """Say what the data prove about the bookings that were missed."""
    listing, booking = shown[0]
    others = len(world.bookings_of(listing)) - 1
    if others and len(shown) == len(world.listings) - len(world.free()):
        return (
            f"Listing {listing} has {others} more bookings. One that is not in the way does not make it free; "
            "it is free if none is."
        )
    if booking.check_in < world.a and booking.check_out > world.b:
        return (
            f"Neither of the ends of booking {booking.id} lies between your dates: it encloses them, and you missed it."
        )
    return "Two parties would stand before one door."


def _why_lost(lost, rows, world):
    """Say what the data prove about listings that are missing."""
    without = [booking for booking in world.bookings if booking.listing_id is None]
    if not rows and without:
        return (
            f"Zero listings came back: {len(without)} bookings have no listing any more, and one NULL poisons NOT IN."
        )
    if not any(world.bookings_of(listing) for listing in lost):
        return "They are listings without any booking: a join finds no partner for them, and drops them."
    return "A house that is free and not found earns nothing that night."
