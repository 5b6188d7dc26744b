"""Bookings stream one at a time, in Python's types, and leave nothing open."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from prodev.testbed import explain

LESSON = "Lesson 'Generators: work on demand'"
MANY = 3_000


@pytest.fixture
def bookings(rng):
    """Forty bookings around 1 May 2026 in no order, as SQLite keeps them."""
    ids = rng.sample(range(1, 500), 40)
    days = [date(2026, 5, 1) + timedelta(days=n) for n in range(-6, 7)]
    return [(i, rng.randint(1, 9), rng.choice(days).isoformat(), f"{rng.randint(40, 900)}.50") for i in ids]


@pytest.mark.task("right-rows")
def test_yields_the_bookings_from_that_day_on(candidate, bookings):
    """Every booking from that day on comes out once, in the order of id."""
    since = date(2026, 5, 1)
    wanted = sorted(id for id, _, check_in, _ in bookings if check_in >= since.isoformat())

    seen = candidate.probe("read_everything", bookings=bookings, since=since)
    got = [getattr(booking, "id", booking) for booking in seen["bookings"]]

    assert got == wanted, explain(
        did=f"I stored {len(bookings)} bookings and asked for those that begin on {since} or later.",
        saw=f"You yielded the ids {got}; I expected {wanted}.",
        why="The accountant adds up what you yield: a booking left out is money that nobody declares.",
        look="The WHERE (is the day itself in it?) and the ORDER BY of your query.",
    )


@pytest.mark.task("right-rows")
def test_turns_text_back_into_dates_and_decimals(candidate, bookings):
    """A booking carries a date and a Decimal, not the text that SQLite keeps."""
    id_, listing_id, check_in, total = bookings[0]
    wanted = {"id": id_, "listing_id": listing_id, "check_in": date.fromisoformat(check_in), "total": Decimal(total)}

    seen = candidate.probe("read_everything", bookings=bookings[:1], since=date(2026, 1, 1))
    got = seen["bookings"][0] if seen["bookings"] else None

    assert got == wanted, explain(
        did=f"I stored the row {bookings[0]} and read it back through you.",
        saw=f"You yielded {_spelled(got)}; I expected {_spelled(wanted)}.",
        why="SQLite hands dates and decimals back as text, and '99.50' > '120.50' is true for text.",
        look="The place where you build the Booking: turn check_in and total back into their types there.",
    )


@pytest.mark.task("lazy")
def test_the_first_booking_costs_a_handful_of_rows(candidate, rng):
    """The caller who wants one booking does not pay for all of them."""
    totals = {id: f"{rng.randint(40, 900)}.50" for id in range(1, MANY + 1)}
    fetched = []

    def total_of(id):
        fetched.append(id)
        return totals[id]

    seen = candidate.probe("read_a_few", rows=MANY, wanted=1, total_of=total_of)

    assert [str(total) for total in seen["totals"]] == [totals[1]], explain(
        did="I asked for the first booking, number 1.",
        saw=f"Its total came out as {seen['totals'][0]!r}; I expected {totals[1]}.",
        why="A stream that hands over the wrong row is no faster than one that hands over all of them.",
        look="The ORDER BY of your query, and the place where you build the Booking.",
    )
    assert len(fetched) <= 1_000, explain(
        did=f"I asked for the first of {MANY:,} bookings.",
        saw=f"You had fetched {len(fetched):,} rows from the cursor before I saw it.",
        why="At 4 million rows that is the list that killed the nightly job; a generator works when it is asked.",
        look=f"The line that reads from the cursor. {LESSON}, section 'Run'.",
    )


@pytest.mark.task("lazy")
def test_memory_does_not_grow_with_the_table(candidate):
    """Reading the whole table keeps no more than a few rows in memory."""
    seen = candidate.probe("measure_the_memory", rows=MANY)

    assert seen["peak_bytes"] < 400_000, explain(
        did=f"I read {MANY:,} bookings through you, one by one, and kept none.",
        saw=f"At the peak your code held {seen['peak_bytes'] / 1e6:.1f} MB; one row at a time needs 0.01 MB.",
        why="What you keep for each row is multiplied by the size of the table.",
        look=f"Anything that collects rows: a list, fetchall(), sorted(). {LESSON}, section 'Explain'.",
    )


@pytest.mark.task("closes")
def test_the_cursor_is_closed_at_the_end(candidate, bookings):
    """When the rows are used up, the cursor is closed."""
    seen = candidate.probe("read_everything", bookings=bookings, since=date(2026, 1, 1))

    assert seen["closed"], explain(
        did=f"I read all {len(bookings)} bookings, to the end.",
        saw="The cursor is still open.",
        why="An open cursor holds its statement, and on a server its memory and its snapshot, until someone notices.",
        look=f"What runs after your loop. {LESSON}, section 'Break it'.",
    )


@pytest.mark.task("closes")
def test_the_cursor_is_closed_when_the_reader_leaves_early(candidate):
    """A reader who stops after three bookings leaves no cursor behind."""
    seen = candidate.probe("read_a_few", rows=MANY, wanted=3, total_of=lambda id: f"{id}.50")

    assert seen["closed"], explain(
        did="I read three bookings, then closed your generator, as a `break` in a loop would.",
        saw="The cursor is still open.",
        why="A line after the loop never runs for this reader: Python leaves your function at the yield.",
        look=f"try … finally around the yield. {LESSON}, section 'Break it'.",
    )


def _spelled(booking):
    return (
        ", ".join(f"{key}={value!r}" for key, value in booking.items()) if isinstance(booking, dict) else repr(booking)
    )
