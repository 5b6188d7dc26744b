"""Three queries read a few pages each, with three indexes at most, and nothing else is changed."""

from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import pytest

from prodev.testbed import SqlRefused, explain

ORDER = "Lesson 'The planner and the index', section 'Which column first'"
EXPRESSION = "Lesson 'The planner and the index', section 'The expression that may be indexed'"
COST = "Lesson 'The planner and the index', section 'What it costs'"

MOST_PAGES = 50
MOST_INDEXES = 3
MOST_TIMES_WRITTEN = 2.5
TWENTY_THOUSAND_BOOKINGS = """
    EXPLAIN (ANALYZE, WAL, FORMAT JSON)
    INSERT INTO booking
    SELECT
        1000000 + n, 1 + n * 7919 % 50000, 1 + n * 104729 % 5030, DATE '2026-01-01' + n * 31 % 700, DATE '2028-01-01',
        CASE WHEN n % 150 = 0 THEN 'pending' ELSE 'confirmed' END
    FROM generate_series(1, 20000) AS n
"""
INDEXES = """
    SELECT indexrelid::regclass::text, indrelid::regclass::text, pg_get_indexdef(indexrelid, 1, true),
           coalesce(pg_get_indexdef(indexrelid, 2, true), '')
    FROM pg_index WHERE indrelid IN ('booking'::regclass, 'guest'::regclass) AND NOT indisprimary ORDER BY 1
"""


class Booking(NamedTuple):
    id: int
    guest_id: int
    listing_id: int
    check_in: date
    check_out: date
    status: str


class Index(NamedTuple):
    name: str
    table: str
    first: str
    second: str


@cache
def booking(n):
    """The booking that database.sql stores under the id ``n``."""
    mixed = n * 48271 % 2147483647
    old_listing = n <= 60_000 or n > 199_880
    begins = date(2019, 1, 1) + timedelta(mixed % 2190) if n <= 60_000 else date(2025, 1, 1) + timedelta(mixed % 720)
    status = "pending" if n > 60_000 and n % 150 == 0 else "cancelled" if mixed % 9 == 0 else "confirmed"
    listing = 1 + n % 30 if old_listing else 31 + mixed % 5000
    return Booking(n, 1 + mixed % 50_000, listing, begins, begins + timedelta(1 + n % 9), status)


def records_of_an_insert(database):
    """Insert 20,000 bookings, count the records that this writes to the log, and take them back."""
    [[[plan]]] = database.run(TWENTY_THOUSAND_BOOKINGS).rows
    return plan["Plan"]["WAL Records"]


@pytest.fixture(scope="module")
def build(database):
    """Make the candidate's indexes, once for the whole suite, and return what an insert wrote before."""

    @cache
    def build(indexes):
        before = records_of_an_insert(database)
        try:
            database.run(indexes, commit=True)
        except SqlRefused as refused:
            return refused
        return before

    return build


@pytest.fixture
def shop(candidate, database, build):
    before = build(candidate.text("indexes.sql"))
    if isinstance(before, SqlRefused):
        raise before
    return Shop(database, candidate.text("queries.sql"), before)


class Shop:
    """The database with the candidate's indexes, and the three queries."""

    def __init__(self, database, queries, records_before):
        self.database = database
        self.calendar, self.login, self.inbox = (query for query in queries.split(";") if query.strip())
        self.records_before = records_before
        self.indexes = [Index(*row) for row in database.run(INDEXES).rows]

    def ask(self, query, **values):
        """Return what the query answers, and its plan."""
        return self.database.run(query, **values).rows, self.database.explain(query, **values)

    def plans(self):
        """The three plans, for fixed values."""
        return {
            "calendar": self.database.explain(self.calendar, listing=7, today=date(2025, 2, 1)),
            "login": self.database.explain(self.login, email="guest.777@example.org"),
            "inbox": self.database.explain(self.inbox),
        }

    def used(self, plan):
        """The first index that the plan reads, if it reads one."""
        names = plan.indexes_used()
        return next((index for index in self.indexes if index.name in names), None)


@pytest.mark.task("calendar")
def test_the_calendar_reads_a_few_pages(shop, rng):
    """A listing's coming stays are found without reading those of others, or those that are over."""
    listing, today = rng.randint(1, 30), date(2025, 1, 1) + timedelta(rng.randrange(60))
    stays = [booking(n) for n in range(199_881, 200_001)]
    coming = [stay for stay in stays if stay.listing_id == listing and stay.check_in >= today]
    wanted = sorted((stay.check_in, stay.id) for stay in coming)

    rows, plan = shop.ask(shop.calendar, listing=listing, today=today)

    did = f"I asked for the stays of listing {listing} from {today} on. It has more than 2,000 in all."
    assert [(check_in, id) for id, check_in, *_ in rows] == wanted, _other_answer(did, rows, len(wanted))
    assert plan.buffers <= MOST_PAGES, explain(
        did=did,
        saw=what_it_read(plan),
        why=_why_calendar(shop, plan, len(rows), today),
        look=f"Which columns the index has, and in which order. {ORDER}.",
    )


@pytest.mark.task("login")
def test_the_login_reads_a_few_pages(shop, rng):
    """A guest is found by an e-mail address, however it is typed."""
    id = rng.randint(1, 50_000)
    typed = rng.choice([str.upper, str.lower, str.title])(f"guest.{id}@example.org")

    rows, plan = shop.ask(shop.login, email=typed)

    did = f"I asked for the guest with the address {typed}."
    assert rows == [(id, f"Guest {id}")], _other_answer(did, rows, 1)
    plain = next((index for index in shop.indexes if index.first == "email"), None)
    assert plan.buffers <= MOST_PAGES, explain(
        did=did,
        saw=what_it_read(plan),
        why=f"{plain.name} is an index on email, and the query compares lower(email): to the planner that is another "
        "value, and it cannot use the index. You have to index the expression that you search by."
        if plain
        else "The query compares lower(email), and no index holds that: every guest's address has to be computed.",
        look=f"What the query compares, letter by letter. {EXPRESSION}.",
    )


@pytest.mark.task("inbox")
def test_the_inbox_reads_a_few_pages(shop):
    """The ten requests that are shown are found in the order in which they are shown."""
    pending = [booking(n) for n in range(60_001, 200_001) if n % 150 == 0]
    wanted = sorted((stay.check_in, stay.id) for stay in pending)[:10]

    rows, plan = shop.ask(shop.inbox)

    did = f"I asked for the ten pending requests with the earliest arrival, of {len(pending)}."
    assert [(row[3], row[0]) for row in rows] == wanted, _other_answer(did, rows, len(wanted))
    assert plan.buffers <= MOST_PAGES, explain(
        did=did,
        saw=what_it_read(plan),
        why=_why_inbox(shop, plan, len(pending)),
        look=f"An index that holds the pending requests together, already in the order of ORDER BY. {ORDER}.",
    )


@pytest.mark.task("budget")
def test_three_indexes_are_enough(shop):
    """The three queries are fast with three indexes at most."""
    plans = shop.plans()
    slow = [f"{name} reads {plan.buffers:,} pages" for name, plan in plans.items() if plan.buffers > MOST_PAGES]
    idle = [index.name for index in shop.indexes if not any(index.name in p.indexes_used() for p in plans.values())]

    assert not slow, explain(
        did=f"I looked at the three queries first: each may read {MOST_PAGES} pages.",
        saw=f"Too slow still: {', '.join(slow)}.",
        why="A budget counts for those who do the work with it; no index at all would be the cheapest.",
        look="The other tasks first.",
    )
    assert len(shop.indexes) <= MOST_INDEXES, explain(
        did="I counted your indexes, and inserted 20,000 bookings.",
        saw=f"There are {len(shop.indexes)} indexes, and {MOST_INDEXES} are allowed. {_cost(shop)}",
        why="A new booking has to be given an entry in each of them, whether or not a query ever reads it.",
        look=f"Indexes that none of the three queries uses: {', '.join(idle) or 'none here'}. {COST}.",
    )


@pytest.mark.task("budget")
def test_inserts_stay_affordable(shop):
    """Storing 20,000 bookings does not become many times more work."""
    times = records_of_an_insert(shop.database) / shop.records_before

    assert times <= MOST_TIMES_WRITTEN, explain(
        did="I inserted 20,000 bookings, with your indexes and without.",
        saw=f"{_cost(shop)} {MOST_TIMES_WRITTEN} times are allowed.",
        why="Every booking that is made pays for every index, at the moment when the guest waits.",
        look=f"How many of your indexes are on booking, and of which kind; most rows pass by a partial index. {COST}.",
    )


@pytest.mark.task("budget")
def test_nothing_else_has_changed(shop):
    """Every guest and every booking is still there."""
    counts = shop.database.run("SELECT (SELECT count(*) FROM guest), (SELECT count(*) FROM booking)").rows[0]

    assert counts == (50_000, 200_000), explain(
        did="I counted the rows after indexes.sql had run.",
        saw=f"There are {counts[0]:,} guests and {counts[1]:,} bookings; before there were 50,000 and 200,000.",
        why="Past bookings are the books of the company, and the tax office asks for six years of them.",
        look="Statements in indexes.sql that do more than create an index.",
    )


def what_it_read(plan):
    """The price of a query, and the way on which it was spent."""
    ways = [
        f"{node['Node Type']} on {node['Relation Name']}" for node in plan.nodes() if node.get("Relation Name")
    ] + plan.indexes_used()
    return (
        f"It read {plan.buffers:,} pages, where {MOST_PAGES} are allowed. The plan: {' by '.join(ways)}; "
        f"rows kept: {plan.rows}, fetched and thrown away: {plan.rows_removed:,}."
    )


def _why_calendar(shop, plan, kept, today):
    index = shop.used(plan)
    if index and index.first == "check_in":
        since = shop.database.run("SELECT count(*) FROM booking WHERE check_in >= :today", today=today).rows[0][0]
        return (
            f"{index.name} begins with check_in: from {today} on it holds {since:,} entries of all listings, one after "
            f"the other by date, and was read all along them to keep {kept}."
        )
    if index and plan.rows_removed:
        return (
            f"{index.name} leads to bookings of every year: {plan.rows_removed:,} of them were fetched only to find "
            "that they are over."
        )
    return "No index led to these rows, so all 200,000 bookings were read. It gets slower with every booking made."


def _why_inbox(shop, plan, pending):
    index = shop.used(plan)
    if index and index.first == "status" and "check_in" not in index.second:
        return f"{index.name} finds the {pending} requests in no order: all of them are fetched and sorted to show ten."
    if index and index.first == "check_in":
        return (
            f"{index.name} begins with the bookings of 2019: it was read past 60,000 that nobody has to answer any "
            "more, before the first pending one came."
        )
    return "No index led to these rows, so all 200,000 bookings were read, to show ten."


def _cost(shop):
    after, before = records_of_an_insert(shop.database), shop.records_before
    return (
        f"The log got {after:,} records of the insert, and {before:,} without them: {after / before:.1f} times as many."
    )


def _other_answer(did, rows, wanted):
    return explain(
        did=did,
        saw=f"The answer has {len(rows)} rows, and not the {wanted} that are stored.",
        why="An index makes an answer faster, and never another one.",
        look="Statements in indexes.sql that do more than create an index.",
    )
