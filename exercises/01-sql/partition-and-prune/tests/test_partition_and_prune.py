"""Bookings in monthly partitions: none is lost, none is stored twice, and no query reads a month too many."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import NamedTuple

import pytest

from prodev.testbed import SqlRefused, explain

PARTITIONS = "Lesson 'Constraints, transactions, partitions', section 'What a partition is'"
KEYS = "Lesson 'Constraints, transactions, partitions', section 'A key on the id alone'"

FIRST, DAYS = date(2024, 1, 1), 1096


class Booking(NamedTuple):
    id: int
    listing_id: int
    check_in: date
    check_out: date
    total: Decimal


def booking(n):
    """The booking that database.sql stores under the id ``n``."""
    begins = FIRST + timedelta(n * 31 % DAYS)
    return Booking(n, 1 + n * 7919 % 40, begins, begins + timedelta(1 + n % 6), Decimal(60 + n % 90))


BOOKINGS = [booking(n) for n in range(1, 8769)]
MONTHS = sorted({(stay.check_in.year, stay.check_in.month) for stay in BOOKINGS})


class Table:
    """The table booking, as the candidate left it."""

    def __init__(self, database):
        self.database = database
        self.connection = database.connect()

    def ask(self, sql, *values):
        """Return the rows of one statement, in a transaction that stays open."""
        return self.connection.execute(sql, values).fetchall()

    def insert(self, stay):
        """Insert a booking, say in which partition it lies, and take it back; or return the refusal."""
        try:
            [(place,)] = self.ask(
                "INSERT INTO booking (id, listing_id, check_in, check_out, total) VALUES (%s, %s, %s, %s, %s) "
                "RETURNING tableoid::regclass::text",
                *stay,
            )
        except self.connection.Error as error:
            return "", str(error).strip().splitlines()[0]
        finally:
            self.connection.rollback()
        return place, ""

    @property
    def months(self):
        """The months that lie in each partition, and how many rows they have there."""
        rows = self.ask(
            "SELECT tableoid::regclass::text, extract(year FROM check_in)::integer, "
            "extract(month FROM check_in)::integer, count(*) FROM booking GROUP BY 1, 2, 3 ORDER BY 2, 3, 1"
        )
        self.connection.rollback()
        found = defaultdict(dict)
        for place, year, month, count in rows:
            found[place][year, month] = count
        return found


@pytest.fixture(scope="module")
def divide(database):
    """Run partition.sql, once for the whole suite."""

    @cache
    def divide(text):
        try:
            database.run(text, commit=True)
        except SqlRefused as refused:
            return refused
        return Table(database)

    return divide


@pytest.fixture
def table(candidate, divide):
    table = divide(candidate.text("partition.sql"))
    if not isinstance(table, SqlRefused):
        return table
    assert "partitioning columns" not in table.message, explain(
        did="I ran partition.sql.",
        saw=f"PostgreSQL refused it: {table.message}",
        why="A unique key on a partitioned table must include check_in: each partition has an index of its own, which "
        "sees no id that lies in another one.",
        look=f"PRIMARY KEY or UNIQUE in partition.sql. {KEYS}.",
    )
    assert "no partition of relation" not in table.message, explain(
        did="I ran partition.sql.",
        saw=f"PostgreSQL refused a row while it ran: {table.message}",
        why="Every row needs a partition whose bounds it lies between, before it is copied.",
        look=f"The bounds of your partitions; the one behind TO is not included. {PARTITIONS}.",
    )
    raise table


def divided(table):
    """Make sure that there are partitions, before asking how they work."""
    assert len(table.months) > 1, explain(
        did="I looked in which partitions the bookings lie.",
        saw=f"All of them lie in {next(iter(table.months), 'no table')}.",
        why="Keys, defaults and old months are looked at once there are partitions.",
        look="The task 'months' first.",
    )


@pytest.mark.task("months")
def test_no_row_is_lost(table):
    """Every booking is still in the table, once and unchanged."""
    columns = ", ".join(Booking._fields)

    rows = {Booking(*row) for row in table.ask(f"SELECT {columns} FROM booking")}
    [(count,)] = table.ask("SELECT count(*) FROM booking")
    table.connection.rollback()

    assert rows == set(BOOKINGS) and count == len(BOOKINGS), explain(
        did=f"I read the table booking after partition.sql had run. There were {len(BOOKINGS):,} bookings before.",
        saw=f"There are {count:,} rows now, and {len(set(BOOKINGS) - rows):,} of the bookings are not among them.",
        why="A new table begins empty; what is not copied before the old one goes is gone.",
        look="INSERT INTO booking SELECT … in partition.sql.",
    )


@pytest.mark.task("months")
def test_each_month_has_a_partition_of_its_own(table):
    """All the bookings of a month lie in one partition, and no other booking does."""
    months = table.months

    homes = {month: [place for place in months if month in months[place]] for month in MONTHS}
    torn = [month for month in MONTHS if len(homes[month]) != 1]
    shared = [place for place in months if len(months[place]) > 1]

    assert not torn, explain(
        did="I looked in which partitions the bookings of each month lie.",
        saw=f"{len(torn)} of {len(MONTHS)} months are torn. {_named(torn[0])} lies in "
        + ", ".join(f"{place} ({months[place][torn[0]]} rows)" for place in homes[torn[0]]),
        why="The upper bound is not included: TO ('2024-01-31') leaves the 31st without a home.",
        look=f"FOR VALUES FROM … TO …: a month goes to the first day of the next. {PARTITIONS}.",
    )
    assert not shared, explain(
        did="I looked which months lie in each partition.",
        saw=f"In {shared[0]} there are {len(months[shared[0]])} months: "
        + ", ".join(map(_named, list(months[shared[0]])[:3])),
        why="Whoever takes off the oldest month takes the others along, and a query for one month reads them all.",
        look=f"The bounds of each partition. {PARTITIONS}.",
    )


@pytest.mark.task("prune")
def test_arrivals_read_one_partition(candidate, table, rng):
    """The arrivals of a day are found in the partition of its month."""
    day = FIRST + timedelta(rng.randrange(40, DAYS - 40))
    wanted = [(stay.id, stay.listing_id) for stay in BOOKINGS if stay.check_in == day]

    _reads(table, "arrivals.sql", candidate.text("arrivals.sql"), wanted, 1, day=day)


@pytest.mark.task("prune")
@pytest.mark.parametrize("december", [False, True])
def test_revenue_reads_one_partition(candidate, table, rng, december):
    """The revenue of a month is found in its partition, also in December."""
    year, month = (rng.choice([2024, 2025]), 12) if december else rng.choice(MONTHS[1:-1])
    totals = [stay.total for stay in BOOKINGS if (stay.check_in.year, stay.check_in.month) == (year, month)]

    wanted = [(len(totals), sum(totals))]

    _reads(table, "revenue.sql", candidate.text("revenue.sql"), wanted, 1, year=year, month=month)


@pytest.mark.task("prune")
def test_recent_reads_the_months_of_thirty_days(candidate, table, rng):
    """Thirty days are found in the partitions in which they lie."""
    today = FIRST + timedelta(rng.randrange(70, DAYS - 70))
    days = {today - timedelta(n) for n in range(30)}
    counts = defaultdict(int)
    for stay in BOOKINGS:
        counts[stay.listing_id] += stay.check_in in days

    wanted = sorted((listing, count) for listing, count in counts.items() if count)

    most = len({(day.year, day.month) for day in days})
    _reads(table, "recent.sql", candidate.text("recent.sql"), wanted, most, today=today)


def _reads(table, name, query, wanted, most, **values):
    """Run a query: it has to answer as before, and to read ``most`` partitions at the most."""
    divided(table)
    did = f"I ran {name} with " + ", ".join(f":{key} = {value}" for key, value in values.items())
    rows = table.database.run(query, **values).rows

    assert rows == wanted, explain(
        did=did,
        saw=f"It answers {_first(rows, wanted)}; before it was {_first(wanted, rows)}.",
        why="A query that reads less is of no use if it answers another question.",
        look="The first and the last day that belong to the question: which of your comparisons includes its end?",
    )

    plan = table.database.explain(query, **values)
    read = sorted({node["Relation Name"] for node in plan.nodes() if "Relation Name" in node and node["Actual Loops"]})

    assert len(read) <= most, explain(
        did=did,
        saw=f"{len(read)} partitions scanned, from {read[0]} to {read[-1]}; the answer lies in {most} of them.",
        why="To leave a partition out, the planner compares its bounds with your condition. It does not look into "
        "extract(), to_char() or check_in + 30: give the planner a plain range.",
        look=f"What stands around check_in in WHERE, and whether each partition holds one month. {PARTITIONS}.",
    )


@pytest.mark.task("default")
def test_other_years_are_stored(table):
    """A booking for which there is no month is stored all the same."""
    divided(table)
    consequences = {
        2031: "Nobody remembers to make the next partitions: at 3 a.m. on 1 January, no guest can book any more.",
        2019: "The year in which the company began is imported later, and does not go in.",
    }

    for year, why in consequences.items():
        place, refusal = table.insert(Booking(90_001, 1, date(year, 1, 1), date(year, 1, 4), Decimal(100)))

        assert place, explain(
            did=f"I inserted a booking for 1 January {year}.",
            saw=f"PostgreSQL refused it: {refusal}.",
            why=why,
            look="A partition for whatever has no other: DEFAULT.",
        )


@pytest.mark.task("key")
def test_the_same_booking_is_refused(table, rng):
    """A booking with the id and the date of a stored one is refused."""
    divided(table)
    stored = rng.choice(BOOKINGS)

    place, _ = table.insert(stored)

    assert not place, explain(
        did=f"I inserted booking {stored.id} of {stored.check_in} once more.",
        saw=f"It went in: {place} has it twice now.",
        why="The old table had a primary key. Without one, an import that runs twice doubles every invoice.",
        look=f"The key of the new table: which columns must it have, so that PostgreSQL takes it? {KEYS}.",
    )


@pytest.mark.task("key")
def test_another_booking_of_that_day_is_let_in(table, rng):
    """The key refuses nothing but the same booking."""
    divided(table)
    stored = rng.choice(BOOKINGS)

    place, refusal = table.insert(stored._replace(id=90_001))

    assert place, explain(
        did=f"I inserted a new booking, 90001, for {stored.check_in}, a day on which others begin.",
        saw=f"PostgreSQL refused it: {refusal}.",
        why="Eight bookings begin on each day; with this key, only the first of them could.",
        look=f"The columns of your key. {KEYS}.",
    )


@pytest.mark.task("detach")
def test_an_old_month_goes_alone(table):
    """January 2024 is taken off, with all its bookings and no others."""
    divided(table)
    january = [stay for stay in BOOKINGS if (stay.check_in.year, stay.check_in.month) == (2024, 1)]
    [(month, parent)] = table.ask(
        "SELECT inhrelid::regclass::text, inhparent::regclass::text FROM pg_inherits "
        "WHERE inhrelid = (SELECT tableoid FROM booking WHERE check_in = '2024-01-01' LIMIT 1)"
    )

    try:
        table.connection.execute(f"ALTER TABLE {parent} DETACH PARTITION {month}")
        [(taken,)] = table.ask(f"SELECT count(*) FROM {month}")
        [(left,)] = table.ask("SELECT count(*) FROM booking")
    finally:
        table.connection.rollback()

    assert (taken, left) == (len(january), len(BOOKINGS) - len(january)), explain(
        did=f"I took off {month}, the partition that holds 1 January 2024. {len(january)} bookings begin in it.",
        saw=f"It took {taken:,} bookings along, and {left:,} are left of {len(BOOKINGS):,}.",
        why="What is old is to go, and what is not yet old has to stay, to the day.",
        look="The bounds of the partition: FROM the first day of a month TO the first day of the next.",
    )


def _named(month):
    return date(*month, 1).strftime("%B %Y")


def _first(rows, others):
    """The first row that the other list does not have, or what there is instead."""
    row = next((row for row in rows if row not in others), None)
    if row is None:
        return f"{len(rows)} rows"
    return "(" + ", ".join("NULL" if value is None else str(value) for value in row) + f"), among {len(rows)} rows"
