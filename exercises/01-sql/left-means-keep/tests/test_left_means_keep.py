"""Every guest comes out once, beside the booking that comes next, or beside none."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

import pytest

from prodev.testbed import Asking, explain

LESSON = "Lesson 'Joins are set questions', section 'Break it'"


class Row(NamedTuple):
    """One row of the answer."""

    guest_id: int
    name: str | None
    booking_id: int | None
    check_in: date | None


@dataclass
class World:
    """What is stored, and the day that is asked about."""

    told: str
    today: date
    guests: dict[int, str | None]
    bookings: dict[int, dict] = field(default_factory=dict)

    def book(self, id, guest_id, *, days, status="confirmed"):
        """Store a stay of three nights that begins ``days`` after today."""
        begins = self.today + timedelta(days=days)
        dates = {"check_in": begins, "check_out": begins + timedelta(days=3)}
        self.bookings[id] = {"id": id, "guest_id": guest_id, "listing_id": 1, **dates, "status": status}

    def next_bookings(self):
        """What the brief asks for: the next booking of each guest who has one, by the guest's id."""
        found = {}
        for booking in sorted(self.bookings.values(), key=lambda booking: (booking["check_in"], booking["id"])):
            if booking["status"] != "cancelled" and booking["check_in"] >= self.today:
                found.setdefault(booking["guest_id"], booking)
        found.pop(None, None)
        return found

    @property
    def did(self):
        return f"{self.told} Then I ran query.sql with :today = {self.today}."


def some_day(rng):
    return date(2026, 1, 1) + timedelta(days=rng.randrange(300))


def a_cast_of_eight(rng):
    """One guest for each thing that can happen, under drawn ids."""
    names = ("Ada", "Bola", "Chidi", "Dede", "Efe", "Fola", "Gita", None)
    guests = dict(zip(rng.sample(range(1, 90), 8), names, strict=True))
    ada, _, chidi, dede, efe, fola, gita, unnamed = guests
    told = "I stored eight guests: with bookings to come, past, cancelled and none, and one without a name."
    world = World(told, some_day(rng), guests)
    world.book(20, None, days=5)
    world.book(11, ada, days=9)
    world.book(10, ada, days=2)
    world.book(12, chidi, days=-30)
    world.book(13, dede, days=4, status="cancelled")
    world.book(14, efe, days=20)
    world.book(15, efe, days=6)
    world.book(16, fola, days=0)
    world.book(17, gita, days=1, status="cancelled")
    world.book(18, gita, days=8, status="pending")
    world.book(19, unnamed, days=3)
    return world


def stays_on_one_day(rng):
    """Every guest has three bookings that begin on the same next day."""
    guests = {id: f"Guest {id}" for id in rng.sample(range(1, 90), 6)}
    world = World("I stored six guests, each with three bookings that begin on the same day.", some_day(rng), guests)
    for id, guest in zip(rng.sample(range(100, 900), 18), [*guests] * 3, strict=True):
        world.book(id, guest, days=2)
    return world


def nobody_has_booked(rng):
    guests = {id: f"Guest {id}" for id in rng.sample(range(1, 90), 4)}
    return World("I stored four guests and no booking.", some_day(rng), guests)


def a_busy_year(rng):
    """Five thousand rows in no order."""
    guests = {id: rng.choice(["Ada", "Bola", "Chidi", None]) for id in rng.sample(range(1, 9000), 1000)}
    world = World("I stored 1,000 guests and 4,000 bookings, in no order.", some_day(rng), guests)
    travellers = [*rng.sample(list(guests), 800), None]
    for id in rng.sample(range(1, 90_000), 4000):
        status = rng.choice(["confirmed", "confirmed", "pending", "cancelled"])
        world.book(id, rng.choice(travellers), days=rng.randint(-180, 60), status=status)
    return world


IN_EVERY_WORLD = pytest.mark.parametrize("world", [a_cast_of_eight, stays_on_one_day, nobody_has_booked, a_busy_year])
WHERE_SOME_BOOKED = pytest.mark.parametrize("world", [a_cast_of_eight, stays_on_one_day, a_busy_year])


@pytest.fixture(scope="module")
def asking(database, draw):
    return Asking(database, draw, Row, tables=tables_of, parameters=lambda world: {"today": world.today})


@pytest.fixture
def ask(candidate, asking):
    """Make a world, run query.sql in it, and return the world and its rows."""
    return lambda world: asking.ask(world, candidate.text("query.sql"))


def tables_of(world):
    guests = [{"id": id, "name": name, "email": f"guest{id}@example.org"} for id, name in world.guests.items()]
    return {"guest": guests, "booking": list(world.bookings.values())}


@pytest.mark.task("keeps-everyone")
@IN_EVERY_WORLD
def test_every_guest_comes_out(ask, world):
    """Every guest comes out, booking or not."""
    world, rows = ask(world)

    seen = {row.guest_id for row in rows}
    lost = sorted(set(world.guests) - seen)

    assert not lost, explain(
        did=world.did,
        saw=f"{len(lost)} of {len(world.guests)} guests did not come out: {people(lost, world)}.",
        why=_why_lost(set(lost), world),
        look=f"Which table the join keeps whole, and whether a condition stands in ON or in WHERE. {LESSON}.",
    )


@pytest.mark.task("keeps-everyone")
@WHERE_SOME_BOOKED
def test_every_guest_comes_out_only_once(ask, world):
    """A guest is one row, however many bookings there are."""
    world, rows = ask(world)

    times = Counter(row.guest_id for row in rows)
    doubled = sorted(id for id in times if times[id] > 1 and id in world.guests)

    assert not doubled, explain(
        did=world.did,
        saw=f"{len(doubled)} of {len(world.guests)} guests came out more than once; "
        f"{people(doubled[:1], world)} {times[doubled[0]]} times.",
        why="A join makes one row for each pair that fits: three bookings that fit make three rows of one guest.",
        look="The place where you choose one booking of several; two may begin on the same day.",
    )


@pytest.mark.task("keeps-everyone")
def test_nobody_else_comes_out(ask):
    """The answer names the guests that are stored, as they are stored."""
    world, rows = ask(a_cast_of_eight)

    strange = [row for row in rows if (row.guest_id, row.name) not in world.guests.items()]

    assert not strange, explain(
        did=world.did,
        saw=f"You show guest {spelled(strange[0].guest_id)} with the name {spelled(strange[0].name)}, "
        "and no such guest is stored.",
        why="A booking without a guest_id is a host's own block, and a guest without a name is still a guest.",
        look="Which table's rows your join keeps, and which table the id and the name are taken from.",
    )


@pytest.mark.task("soonest")
@WHERE_SOME_BOOKED
def test_the_date_is_that_of_the_next_booking(ask, world):
    """Beside each guest stands the day on which their next booking begins, or NULL."""
    world, rows = ask(world)
    coming = world.next_bookings()

    rows = [row for row in rows if row.guest_id in world.guests]
    wrong = [row for row in rows if row.check_in != coming.get(row.guest_id, {}).get("check_in")]

    assert not wrong, explain(
        did=world.did,
        saw=f"Rows that show another day than the guest's next: {len(wrong)} of {len(rows)}. {beside(wrong[0], world)}",
        why=_why_not_next(wrong[0], world),
        look="The conditions on the booking: which ones are still to come, and which of those is the first.",
    )


@pytest.mark.task("soonest")
@WHERE_SOME_BOOKED
def test_nobody_who_is_about_to_arrive_is_missing(ask, world):
    """Every guest who has a next booking comes out."""
    world, rows = ask(world)
    coming = world.next_bookings()

    seen = {row.guest_id for row in rows}
    silent = sorted(set(coming) - seen)

    assert not silent, explain(
        did=world.did,
        saw=f"{len(silent)} of {len(coming)} guests who have a next booking did not come out: {people(silent, world)}.",
        why=f"Guest {silent[0]} arrives on {coming[silent[0]]['check_in']}, and nobody is told.",
        look="The conditions on the booking, one by one.",
    )


@pytest.mark.task("one-booking")
@WHERE_SOME_BOOKED
def test_id_and_date_are_of_one_booking(ask, world):
    """The booking's id and the date beside it come from one row, and it is that guest's."""
    world, rows = ask(world)

    named = [row for row in rows if row.booking_id is not None]
    torn = [(row, flaw) for row in named if (flaw := _flaw(row, world))]

    assert named, explain(
        did=world.did,
        saw="Not one row names a booking.",
        why="The desk opens the booking from this list: without its id there is nothing to open.",
        look="The column booking_id, and the conditions of your join.",
    )
    assert not torn, explain(
        did=world.did,
        saw=f"Rows whose id and date do not belong together: {len(torn)} of {len(named)}. {torn[0][1]}",
        why="MIN(id) and MIN(check_in) each look for their own minimum, and find it in different rows.",
        look="Sort one guest's bookings and keep the first row whole, with DISTINCT ON, LIMIT 1 or row_number().",
    )


@pytest.mark.task("one-booking")
def test_of_two_on_one_day_the_lower_id_is_taken(ask):
    """Two bookings that begin on the same day are told apart by their id."""
    world, rows = ask(stays_on_one_day)
    coming = world.next_bookings()

    taken = [(row.guest_id, row.booking_id) for row in rows if row.guest_id in coming]
    others = [(guest, id, coming[guest]["id"]) for guest, id in taken if id != coming[guest]["id"]]

    assert not others, explain(
        did=world.did,
        saw="For guest {} you take booking {}; booking {} begins on the same day and has the lower id.".format(
            *others[0]
        ),
        why="Where the order leaves a tie, Postgres may return either row, and another one tomorrow.",
        look="ORDER BY: after check_in, the id decides.",
    )


def people(ids, world):
    """A few guests by id and name."""
    shown = ", ".join(f"guest {id} ({world.guests[id] or 'no name'})" for id in ids[:3])
    return shown + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")


def spelled(value):
    """A value as SQL shows it."""
    return "NULL" if value is None else repr(value) if isinstance(value, str) else str(value)


def beside(row, world):
    """What stands beside a guest, and what was expected there."""
    wanted = world.next_bookings().get(row.guest_id)
    expected = f"{wanted['check_in']} (booking {wanted['id']})" if wanted else "NULL, for nothing is to come"
    shown = f"{spelled(row.check_in)} (booking {row.booking_id})" if row.booking_id else spelled(row.check_in)
    return f"Guest {spelled(row.guest_id)}: you show {shown}; I expected {expected}."


def _why_lost(lost, world):
    """Name the cause where the lost guests are exactly those that it would lose."""
    never_booked = set(world.guests) - {booking["guest_id"] for booking in world.bookings.values()}
    nothing_to_come = set(world.guests) - set(world.next_bookings())
    if lost == nothing_to_come:
        return (
            "They are exactly the guests without a next booking. An INNER JOIN loses them; so does a condition on "
            "the booking in WHERE, because it is not true for the NULLs that LEFT JOIN puts there."
        )
    if lost == nothing_to_come - never_booked:
        return (
            "They are exactly the guests who did book, but have nothing to come. `OR id IS NULL` in WHERE saves only "
            "those whom no booking matched at all; these were matched, and then thrown out."
        )
    if lost == never_booked:
        return "They are exactly the guests who never booked: an INNER JOIN keeps only those who have a match."
    return "The desk offers a stay to everybody on the list, and to nobody else."


def _why_not_next(row, world):
    """Say what the data prove about the booking that stands where the next one should."""
    wanted = world.next_bookings().get(row.guest_id)
    shown = world.bookings.get(row.booking_id)
    if wanted and wanted["check_in"] == world.today:
        return f"Booking {wanted['id']} begins on the very day that was asked about, and is still to come."
    if shown and shown["status"] == "cancelled":
        return f"Booking {shown['id']} is cancelled: nobody will arrive."
    if shown and shown["check_in"] < world.today:
        return f"Booking {shown['id']} began before {world.today}: it is not to come any more."
    return "The next booking is the earliest of those that are to come and not cancelled."


def _flaw(row, world):
    """What is wrong with the pair of id and date, or nothing."""
    booking = world.bookings.get(row.booking_id)
    if booking is None:
        return f"There is no booking {row.booking_id}."
    if booking["guest_id"] != row.guest_id:
        return f"Booking {row.booking_id} is not of guest {spelled(row.guest_id)}, beside whom you show it."
    if booking["check_in"] != row.check_in:
        return f"Booking {row.booking_id} begins on {booking['check_in']}; beside it you show {spelled(row.check_in)}."
    return ""
