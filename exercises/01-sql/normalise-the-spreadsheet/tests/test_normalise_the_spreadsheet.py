"""Each fact of a spreadsheet has one place, and the view flat shows all of them as they were."""

from collections import Counter
from functools import cache

import pytest
from normalise_the_spreadsheet_sheets import Line, a_long_sheet, a_sheet_of_one_line, a_short_sheet

from prodev.testbed import SqlRefused, explain

NOUNS = {"host_id": "host", "guest_id": "guest", "listing_id": "listing", "booking_id": "booking"}
FACTS = {
    "host_phone": "host_id",
    "host_name": "host_id",
    "guest_name": "guest_id",
    "guest_email": "guest_id",
    "listing_title": "listing_id",
    "city": "listing_id",
    "check_in": "booking_id",
    "check_out": "booking_id",
}
"""Each column with the id that it depends on."""

TABLES = """
    SELECT relname::text, attname::text
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
    WHERE relkind IN ('r', 'p', 'm') AND relnamespace = 'public'::regnamespace AND relname <> 'sheet'
    ORDER BY relname, attnum
"""


class Books:
    """The candidate's tables, filled from one sheet."""

    def __init__(self, database, lines):
        self.lines = lines
        self.did = f"I filled your tables from a sheet of {len(lines)} lines."
        self.connection = database.connect()
        self.columns = {}
        for table, column in self.ask(TABLES):
            self.columns.setdefault(table, []).append(column)

    def ask(self, sql, *values):
        return self.connection.execute(sql, values).fetchall()

    def tables_with(self, *columns):
        return [table for table, has in self.columns.items() if set(columns) <= set(has)]

    def table_of(self, *columns):
        """The one table that has these columns."""
        found = self.tables_with(*columns)
        assert found, explain(
            did=f"I looked for a table with {' and '.join(columns)}.",
            saw="There is none. Your tables: "
            + ("; ".join(f"{table} ({', '.join(has)})" for table, has in self.columns.items()) or "none"),
            why="A fact is found by the key that it depends on, so the two stand in one table.",
            look="The names in schema.sql: columns keep those that they have in the sheet.",
        )
        return found[0]


@pytest.fixture(scope="module")
def make_tables(database):
    """Run schema.sql, once for the whole suite."""

    @cache
    def make_tables(schema):
        try:
            database.run(schema, commit=True)
        except SqlRefused as refused:
            return refused
        return None

    return make_tables


@pytest.fixture
def fill(candidate, database, draw, make_tables):
    """Fill the candidate's tables, which are empty before, from a sheet."""
    opened = []

    def fill(make_sheet):
        refused = make_tables(candidate.text("schema.sql"))
        if refused:
            raise refused
        lines = make_sheet(draw(make_sheet.__name__))
        tables = list(dict.fromkeys(table for table, _ in database.run(TABLES).rows))
        if tables:
            database.run("TRUNCATE " + ", ".join(f'"{table}"' for table in tables) + " CASCADE", commit=True)
        database.load({"sheet": [line._asdict() for line in lines]})
        database.run(candidate.text("load.sql"), commit=True)
        opened.append(Books(database, lines))
        return opened[-1]

    yield fill
    for books in opened:
        books.connection.close()


@pytest.mark.task("lossless")
@pytest.mark.parametrize("make_sheet", [a_short_sheet, a_long_sheet, a_sheet_of_one_line])
def test_flat_shows_the_sheet(fill, database, make_sheet):
    """The view flat returns every line of the sheet once, and nothing else."""
    books = fill(make_sheet)

    answer = database.run(f"SELECT {', '.join(Line._fields)} FROM flat")
    got, wanted = Counter(Line(*row) for row in answer.rows), Counter(books.lines)
    lost, other = list((wanted - got).elements()), list((got - wanted).elements())

    assert not lost, explain(
        did=f"{books.did} Then I read the view flat.",
        saw=f"{len(lost)} of the lines are not in it, such as {shown(lost[0])}. "
        + (f"In its place there is {shown(_nearest(lost[0], other))}." if other else ""),
        why=_why_lost(lost, wanted, other),
        look="The joins of your view, and what load.sql leaves out.",
    )
    assert not other, explain(
        did=f"{books.did} Then I read the view flat.",
        saw=f"It has {len(other)} lines too many, such as {shown(other[0])}.",
        why="A join makes a line for each pair: if a listing or a guest is stored twice, its bookings double.",
        look="SELECT DISTINCT in load.sql, and PRIMARY KEY in schema.sql.",
    )


@pytest.mark.task("one-place")
@pytest.mark.parametrize("make_sheet", [a_short_sheet, a_long_sheet])
def test_each_fact_is_stored_once(fill, make_sheet):
    """A fact about a host, guest, listing or booking stands in one row of one table."""
    books = fill(make_sheet)

    for fact, key in FACTS.items():
        tables = books.tables_with(fact)
        assert len(tables) < 2, explain(
            did="I looked in which tables each column of the sheet is stored.",
            saw=f"{fact} is stored in {len(tables)} tables: {', '.join(tables)}.",
            why="Two copies of a fact agree until the first of them is changed.",
            look=f"Which of these tables has {key} as its key; the other needs no {fact}.",
        )
        table = books.table_of(fact, key)
        repeated = books.ask(f"SELECT {key}, count(*) FROM {table} GROUP BY {key} HAVING count(*) > 1 ORDER BY 2 DESC")
        assert not repeated, explain(
            did=f"{books.did} Then I counted the rows of {table} for each {NOUNS[key]}.",
            saw=f"{fact} of {NOUNS[key]} {repeated[0][0]} is stored {repeated[0][1]} times, "
            f"and {len(repeated)} of the {NOUNS[key]}s are stored more than once.",
            why=f"{fact} depends on {key}, and {key} is not the key of {table}: a fact about the {NOUNS[key]} is "
            "stored on each row of another thing (a transitive or partial dependency).",
            look=f"A table of its own for {NOUNS[key]}s, with {key} as its key.",
        )


@pytest.mark.task("amenities")
def test_each_amenity_is_a_row(fill):
    """A listing is found by any of its amenities, and by no other word."""
    books = fill(a_short_sheet)
    amenities = {line.listing_id: line.amenities.split(", ") for line in books.lines}

    table = books.table_of("listing_id", "amenity")
    with_wifi = {id for (id,) in books.ask(f"SELECT listing_id FROM {table} WHERE amenity ILIKE '%%wifi%%'")}
    exactly = {id for (id,) in books.ask(f"SELECT listing_id FROM {table} WHERE amenity = 'wifi'")}
    wanted = {id for id, has in amenities.items() if "wifi" in has}
    wifi_less = sorted(with_wifi - wanted)

    assert exactly == wanted, explain(
        did=f"{books.did} Then I asked {table} for the listings whose amenity is 'wifi'.",
        saw=f"I found {sorted(exactly) or 'none'}; in the sheet, wifi is listed for {sorted(wanted)}.",
        why="A list in a cell cannot be compared or joined. I searched it with LIKE instead, and got listing "
        f"{wifi_less[0] if wifi_less else 'none'} as well, which is wifi-less.",
        look="A table with one row for each listing and amenity; unnest(string_to_array(…)) makes rows of a list.",
    )


@pytest.mark.task("amenities")
@pytest.mark.parametrize("make_sheet", [a_short_sheet, a_long_sheet])
def test_each_amenity_is_stored_once(fill, make_sheet):
    """Each pair of a listing and an amenity is there once, and no empty one is."""
    books = fill(make_sheet)
    wanted = {(line.listing_id, each) for line in books.lines for each in line.amenities.split(", ") if each}

    table = books.table_of("listing_id", "amenity")
    got = books.ask(f"SELECT listing_id, amenity FROM {table} ORDER BY 1, 2")
    strange = [pair for pair, times in Counter(got).items() if times > 1 or pair not in wanted]
    lost = sorted(wanted - set(got))

    assert not strange and not lost, explain(
        did=f"{books.did} Then I read {table}.",
        saw=f"It has {len(got)} rows; the sheet has {len(wanted)} pairs of a listing and an amenity. "
        + (f"Too much is {strange[0]}." if strange else f"Missing is {lost[0]}."),
        why="Whoever counts the listings with a pool counts rows, each once.",
        look="The INSERT in load.sql: DISTINCT, the separator ', ', and listings without any amenity.",
    )


@pytest.mark.task("changes")
def test_a_new_phone_is_seen_everywhere(fill):
    """One row is changed, and every line of that host shows the new number."""
    books = fill(a_short_sheet)
    listings = {
        line.host_id: {each.listing_id for each in books.lines if each.host_id == line.host_id} for line in books.lines
    }
    host = max(sorted(listings), key=lambda id: len(listings[id]))

    table = books.table_of("host_id", "host_phone")
    books.ask(
        f"UPDATE {table} SET host_phone = '+47 900' "
        f"WHERE ctid = (SELECT ctid FROM {table} WHERE host_id = %s LIMIT 1) RETURNING 1",
        host,
    )
    phones = books.ask("SELECT host_phone, count(*) FROM flat WHERE host_id = %s GROUP BY 1 ORDER BY 2 DESC", host)

    assert [phone for phone, _ in phones] == ["+47 900"], explain(
        did=f"Host {host} has {len(listings[host])} listings. I changed their phone to +47 900, in one row of {table}.",
        saw=f"Host {host} now has {len(phones)} phone numbers: "
        + ", ".join(f"{phone or 'NULL'} in {count} lines" for phone, count in phones),
        why="Whoever calls a host reads one line, and has an even chance to read the wrong one (update anomaly).",
        look="Where the phone is stored: it depends on the host, and on nothing else.",
    )


@pytest.mark.task("changes")
def test_a_guest_outlives_their_bookings(fill):
    """When a guest's last booking is deleted, guest and listing are still there."""
    books = fill(a_short_sheet)
    times = Counter(line.guest_id for line in books.lines)
    last = next(line for line in books.lines if times[line.guest_id] == 1)

    table = books.table_of("booking_id", "check_in")
    books.ask(f"DELETE FROM {table} WHERE booking_id = %s RETURNING 1", last.booking_id)
    guests = books.table_of("guest_id", "guest_email")
    left = books.ask(f"SELECT guest_name FROM {guests} WHERE guest_id = %s", last.guest_id)

    assert left, explain(
        did=f"I deleted booking {last.booking_id}, the only one of guest {last.guest_id} ({last.guest_name}).",
        saw=f"Guest {last.guest_id} vanished with their last booking: {guests} knows them no more.",
        why="Who has no booking just now is still a guest, with an address and a past (deletion anomaly).",
        look="A table of its own for guests; a booking only says which guest it is of.",
    )


def shown(line):
    """A line as a message shows it: what tells lines apart."""
    amenities = "NULL" if line.amenities is None else repr(line.amenities)
    return f"booking {line.booking_id} (guest {line.guest_id}, listing {line.listing_id}, amenities {amenities})"


def _nearest(line, others):
    return next((other for other in others if other.booking_id == line.booking_id), others[0])


def _why_lost(lost, wanted, other):
    """Say what the data prove about the lines that are missing."""
    if not other and {line.listing_id for line in lost} == {line.listing_id for line in wanted if not line.amenities}:
        return "They are exactly the bookings of listings without amenities: an INNER JOIN finds no partner for them."
    if any(line.amenities is None for line in other):
        return "string_agg over no row is NULL, 'not known'; the sheet has '', which says that there is nothing."
    if not other and all(line.host_phone is None for line in lost):
        return "They are bookings whose host has no phone: NULL is equal to nothing, so a join by it finds no partner."
    return "What cannot be put together again was lost on the way: the sheet is thrown away afterwards."
