"""Every listing that is free for a whole stay comes out, and none in which somebody sleeps."""

from collections import Counter
from typing import NamedTuple

import pytest
from free_between_worlds import (
    a_busy_coast,
    a_host_has_left,
    every_relation,
    much_is_cancelled,
    nobody_has_booked,
    one_night,
    one_of_several,
)

from prodev.testbed import Asking, explain

RANGES = "The example of the brief, drawn as lines; two stays overlap when each begins before the other ends"
LESSON = "Lesson 'Aggregates, windows and NULL', section 'True, false and unknown'"


class Row(NamedTuple):
    """One row of the answer."""

    listing_id: int
    title: str


@pytest.fixture(scope="module")
def asking(database, draw):
    return Asking(database, draw, Row, tables=tables_of, parameters=lambda world: {"a": world.a, "b": world.b})


@pytest.fixture
def ask(candidate, asking):
    """Make a world, run query.sql in it, and return the world and its rows."""
    return lambda world: asking.ask(world, candidate.text("query.sql"))


def tables_of(world):
    columns = ("id", "listing_id", "check_in", "check_out", "status")
    return {
        "listing": [{"id": id, "title": f"House {id}"} for id in world.listings],
        "booking": [{name: getattr(booking, name) for name in columns} for booking in world.bookings],
    }


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
