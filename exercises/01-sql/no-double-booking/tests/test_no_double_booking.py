"""No night of a listing is sold twice, not even to two sessions that ask at the same moment."""

from datetime import date
from functools import cache
from itertools import count

import pytest
from no_double_booking_desk import Desk, Stay

from prodev.testbed import SqlRefused, explain

RACES = 50
OVERLAPS = {  # of a stay from the 10th to the 15th
    "has the same nights": (10, 15),
    "begins inside it": (12, 18),
    "ends inside it": (6, 11),
    "lies inside it": (11, 14),
    "encloses it": (8, 20),
    "begins with it": (10, 17),
    "ends with it": (7, 15),
}
RACED = [(10, 15), (12, 18), (6, 11)]


@pytest.fixture(scope="module")
def open_desk(database):
    """Run schema.sql, once for the whole suite, and open the desk."""

    @cache
    def open_desk(schema):
        try:
            database.run(schema, commit=True)
        except SqlRefused as refused:
            return refused
        return Desk(database)

    return open_desk


@pytest.fixture
def desk(candidate, open_desk):
    """Two sessions before the table of bookings, as schema.sql makes it."""
    desk = open_desk(candidate.text("schema.sql"))
    if isinstance(desk, SqlRefused):
        raise desk
    return desk


@pytest.fixture(scope="module")
def years():
    """A decade for each test, so that no test meets the bookings of another."""
    return count(2027, step=10)


@pytest.fixture
def stay(years, rng):
    """Make stays by day of the month: ``stay(10, 15)`` holds the nights of the 10th to the 14th.

    Each ``case`` is a listing and a month of its own, so that cases have nothing to do with each other.
    """
    listings, year, shift = rng.sample(range(1, 201), 100), next(years), rng.randint(-4, 4)

    def stay(begins, ends, *, case=0, status="confirmed"):
        later, month = divmod(case, 12)
        check_in, check_out = (date(year + later, 1 + month, day + shift) for day in (begins, ends))
        return Stay(listings[case], check_in, check_out, status)

    return stay


def book(desk, stay):
    """Book what must be free, and return the booking's id."""
    answer = desk.book(stay)
    assert answer.taken, explain(
        did=f"I booked {stay} where nobody else had booked.",
        saw=f"It was not stored. PostgreSQL said: {answer.refusal or 'nothing at all'}.",
        why="A rule that refuses a free night costs the host a guest.",
        look="The columns of booking, and every rule that you put on them.",
    )
    return answer.id


@pytest.mark.task("overlap")
def test_every_kind_of_overlap_is_refused(desk, stay):
    """A stay that shares a night with a booked one is refused, however the two lie."""
    got_in = []
    for case, (how, days) in enumerate(OVERLAPS.items()):
        first, second = stay(10, 15, case=case), stay(*days, case=case)
        book(desk, first)
        if desk.book(second).taken:
            got_in.append(f"{first} and {second} both went in: the second {how}")

    assert not got_in, explain(
        did=f"I booked a stay and then, in the same session, one that overlaps with it; {len(OVERLAPS)} kinds in turn.",
        saw=f"Not refused: {len(got_in)} of {len(OVERLAPS)}. {'; '.join(got_in[:2])}.",
        why="In a shared night two parties stand before one door.",
        look="What your rule compares: two stays overlap when each begins before the other ends; all four dates count.",
    )


@pytest.mark.task("overlap")
def test_a_refusal_is_an_error(desk, stay):
    """Whoever is refused is told so: the INSERT raises."""
    book(desk, stay(10, 15))

    answer = desk.book(stay(10, 15))

    assert answer.taken or answer.refusal, explain(
        did=f"I booked {stay(10, 15)} twice.",
        saw="The second INSERT reported success, and no row was stored.",
        why="The application believes what it is told: it takes the money and sends the confirmation.",
        look="What happens where your rule says no: RETURN NULL and DO NOTHING keep silent, RAISE EXCEPTION does not.",
    )


@pytest.mark.task("overlap")
def test_a_booking_cannot_be_moved_onto_another(desk, stay):
    """A change of the dates or of the listing is held to the same rule."""
    first, later, elsewhere = stay(6, 11), stay(15, 20), stay(6, 11, case=1)
    book(desk, first)

    dates = desk.change(book(desk, later), check_in=first.check_in)
    listing = desk.change(
        book(desk, elsewhere), listing_id=first.listing, check_in=first.check_in, check_out=first.check_out
    )

    for what, answer in {"dates": dates, "listing": listing}.items():
        assert not answer.taken, explain(
            did=f"I booked {first}, and changed the {what} of another booking, so that it holds the same nights.",
            saw="The change was accepted: both bookings stand.",
            why="Guests change dates more often than they book; a rule that looks at INSERT alone is half a rule.",
            look="The events that your rule is made for. A constraint holds for a row however it came to be.",
        )


@pytest.mark.task("race")
def test_of_two_at_once_exactly_one_gets_the_room(desk, stay, rng):
    """Two sessions that book at the same moment: one gets the room, the other an error."""
    for case, days in enumerate(RACED, start=RACES):
        first, second = stay(10, 15, case=case), stay(*days, case=case)
        book(desk, first)
        _refuses(desk, first, second)
    both, neither = [], []
    for case in range(RACES):
        first, second = stay(10, 15, case=case), stay(*rng.choice(RACED), case=case)
        one, two = desk.race(first, second)
        if one.taken and two.taken:
            both.append(f"{first} and {second}")
        elif not one.taken and not two.taken:
            neither.append(f"{one.refusal or two.refusal or 'nothing'}")

    assert not both, explain(
        did=f"{RACES} times, two sessions booked overlapping nights of one listing, the second before the first had "
        "committed.",
        saw=f"In {len(both)} of {RACES} races both got the room, first for {both[0]}.",
        why="Check-then-act is not a constraint: a session sees only what others have committed, so both saw 'free'.",
        look="Who does the checking. A constraint, or a lock that both sessions must take, waits for the other's end.",
    )
    assert not neither, explain(
        did=f"{RACES} times, two sessions booked overlapping nights of one listing at the same moment.",
        saw=f"In {len(neither)} of {RACES} races neither got the room. PostgreSQL said: {neither[0]}.",
        why="Two guests want the room, and it stays empty.",
        look="What your rule does to the session that came first.",
    )


@pytest.mark.task("neighbours")
def test_back_to_back_stays_are_welcome(desk, stay):
    """A guest may arrive on the day on which another one leaves."""
    first, before, after = stay(10, 15), stay(6, 10), stay(15, 18)
    book(desk, first)
    _refuses(desk, first, first)

    for neighbour in (before, after):
        answer = desk.book(neighbour)

        assert answer.taken, explain(
            did=f"I booked {first}, then {neighbour} in the same listing.",
            saw=f"The back-to-back stay was refused: {answer.refusal}.",
            why="One leaves in the morning, the other arrives in the afternoon: the two share a day and no night.",
            look="The bounds of your range: a stay holds its check-in and not its check-out, '[)'.",
        )


@pytest.mark.task("neighbours")
def test_other_listings_are_free(desk, stay):
    """A booking says nothing about the listing next door."""
    first = stay(10, 15)
    book(desk, first)
    _refuses(desk, first, first)

    answer = desk.book(first._replace(listing=stay(10, 15, case=1).listing))

    assert answer.taken, explain(
        did=f"I booked {first} in one listing, then the same nights in another one.",
        saw=f"The second was refused: {answer.refusal}.",
        why="Two listings are two doors.",
        look="What your rule compares beside the dates: only bookings of one and the same listing can clash.",
    )


@pytest.mark.task("neighbours")
def test_a_booking_is_not_in_its_own_way(desk, stay):
    """A guest may stay longer, when the nights that follow are free."""
    first = stay(10, 15)
    id = book(desk, first)
    _refuses(desk, first, first)

    answer = desk.change(id, check_out=stay(10, 17).check_out)

    assert answer.taken, explain(
        did=f"I booked {first}, and made that booking two nights longer.",
        saw=f"The change was refused: {answer.refusal}.",
        why="Nobody else is there: the only stay that overlaps with this one is its own earlier self.",
        look="Whether your rule leaves out the row that is being changed.",
    )


@pytest.mark.task("cancelled")
def test_a_cancelled_stay_blocks_nobody(desk, stay):
    """Once a booking is cancelled, its nights are free again."""
    first = stay(10, 15)
    id = book(desk, first)
    _refuses(desk, first, first)

    cancelled = desk.change(id, status="cancelled")
    again = desk.book(first)

    assert again.taken, explain(
        did=f"I booked {first}, cancelled it, and booked the same nights again.",
        saw=f"PostgreSQL refused that: {cancelled.refusal or again.refusal}.",
        why="A cancelled booking stays in the table for the books; the room is empty, and can be sold.",
        look="Which rows your rule applies to: a constraint and an index both take a WHERE.",
    )


@pytest.mark.task("cancelled")
def test_a_cancelled_stay_is_checked_when_it_comes_back(desk, stay):
    """A cancelled booking cannot be revived when somebody else has its nights."""
    first = stay(10, 15)
    id = book(desk, first)
    desk.change(id, status="cancelled")
    book(desk, first)

    answer = desk.change(id, status="confirmed")

    assert not answer.taken, explain(
        did=f"I booked {first}, cancelled it, let somebody else book the nights, and then confirmed the first again.",
        saw="Both bookings are confirmed now.",
        why="For the rule, a booking that comes back to life is a new one.",
        look="The events that your rule is made for: a change of the status can make two stays clash, too.",
    )


def _refuses(desk, first, second):
    """Make sure that there is a rule at all, before asking what it lets through."""
    assert not desk.book(second).taken, explain(
        did=f"In one session I booked {first}, then {second} in the same listing.",
        saw="Both bookings were stored.",
        why="Races, neighbours and cancellations are looked at once overlaps are refused at all.",
        look="The task 'overlap' first.",
    )
