"""What a lesson's cells stand on: the same on every machine, and gone afterwards."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal

import pytest

from prodev.course import CourseError
from prodev.lessons import sandbox
from prodev.lessons.sandbox.files import lesson_file
from prodev.lessons.sandbox.postgres_database import PostgresDatabase, engine
from prodev.lessons.sandbox.tables import Table


def test_every_public_name_is_there():
    assert [name for name in sandbox.__all__ if not hasattr(sandbox, name)] == []


def test_a_lesson_without_a_server_needs_no_driver():
    loaded = subprocess.run(
        [sys.executable, "-c", "from prodev.lessons import sandbox; sandbox.sqlite; sandbox.table; sandbox.picture;"
         "import sys; print({'psycopg', 'django', 'matplotlib'} & set(sys.modules))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert loaded.stdout.strip() == "set()"


def test_a_table_spells_its_values_for_people():
    shown = repr(
        Table([(1234, "Loft", Decimal("1234.50"), None, True)], ["booking_id", "title", "total", "city", "paid"])
    )

    assert shown.splitlines() == [
        "booking_id  title     total  city  paid",
        "----------  -----  --------  ----  ----",
        "      1234  Loft   1,234.50  NULL   yes",
    ]


def test_a_table_in_html_is_escaped_and_aligned():
    html = Table([("<b>", 3)], ["title", "n"])._repr_html_()

    assert "<td>&lt;b&gt;</td>" in html
    assert '<td style="text-align: right">3</td>' in html
    assert html.startswith("<table>")
    assert html.endswith("</table>")


def test_a_long_table_says_what_it_leaves_out():
    table = Table([(n,) for n in range(40)], ["n"])

    assert repr(table).endswith("… and 28 more rows")
    assert "… and 28 more rows" in table._repr_html_()
    assert len(table) == 40


def test_a_table_gives_its_values():
    table = Table([(1, "a"), (2, "b")], ["n", "letter"])

    assert table.column("letter") == ["a", "b"]
    assert dict(table) == {1: "a", 2: "b"}
    assert Table([(7,)], ["n"]).value == 7


@pytest.mark.parametrize(
    ("count", "unit", "spelled"),
    [
        (45_427_409, "B", "about 45 MB"),
        (1_655, "B", "about 1.7 kB"),
        (96, "B", "about 96 bytes"),
        (999_999, "B", "about 1,000 kB"),
        (16_062, "", "about 16,000"),
        (4, "", "about 4"),
    ],
)
def test_about_keeps_two_digits(count: int, unit: str, spelled: str):
    assert sandbox.about(count, unit) == spelled


def test_the_peak_is_what_was_held_at_once():
    collected = sandbox.peak(lambda: sum([bytes(1000)[0] for _ in range(1000)]))
    held = sandbox.peak(lambda: len([bytes(1000) for _ in range(1000)]))

    assert (collected.result, held.result) == (0, 1000)
    assert held.size > 1_000_000 > 10 * collected.size


def _drawn() -> str:
    picture, axes = sandbox.picture("Queries", x="listings", y="queries", log=True)
    axes.plot([10, 50, 200], [21, 101, 401])
    svg: str = picture._repr_mimebundle_()["image/svg+xml"]  # type: ignore[operator]
    return svg


def test_a_picture_is_the_same_bytes_every_time():
    assert _drawn() == _drawn()


def test_a_picture_holds_its_words_as_text_and_no_date():
    svg = _drawn()

    assert svg.startswith("<svg")
    assert ">Queries</text>" in svg
    assert "dc:date" not in svg


@pytest.fixture
def bookings() -> Iterator[sqlite3.Connection]:
    connection = sandbox.sqlite(
        "CREATE TABLE booking (id INTEGER PRIMARY KEY); INSERT INTO booking VALUES (1), (2), (3), (4), (5)"
    )
    yield connection
    connection.close()


def test_sqlite_counts_rows_on_every_way_out(bookings):
    cursor = bookings.execute("SELECT id FROM booking ORDER BY id")
    next(cursor)
    one = bookings.fetched
    cursor.fetchone()
    two = bookings.fetched
    cursor.fetchmany(2)
    four = bookings.fetched
    cursor.fetchall()

    assert (one, two, four, bookings.fetched) == (1, 2, 4, 5)
    assert cursor.fetchone() is None


def test_sqlite_knows_the_cursors_that_were_not_closed(bookings):
    left, closed = bookings.cursor(), bookings.cursor()
    closed.close()

    assert bookings.opened == {left}


def test_a_second_connection_meets_the_locks_of_the_first(bookings):
    desk = bookings.another()
    cursor = bookings.execute("SELECT id FROM booking")
    next(cursor)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        desk.execute("INSERT INTO booking VALUES (6)")
    cursor.close()
    desk.execute("INSERT INTO booking VALUES (6)")

    assert bookings.execute("SELECT count(*) FROM booking").fetchone() == (6,)
    desk.close()


@pytest.fixture
def db() -> Iterator[PostgresDatabase]:
    made = sandbox.postgres("marketplace.sql")
    yield made
    made.close()


def test_postgres_answers_with_a_table(db: PostgresDatabase):
    answer = db.sql("SELECT id, title FROM listing WHERE city = %(city)s ORDER BY id", city="Lisbon")

    assert answer.columns == ("id", "title")
    assert answer.rows == [(1, "Harbour Loft"), (7, "Tram Stop Flat")]


def test_postgres_shows_the_last_of_several_statements(db: PostgresDatabase):
    assert db.sql("CREATE TABLE note (n int); INSERT INTO note VALUES (1), (2); SELECT count(*) FROM note").value == 2
    assert db.sql("DROP TABLE note").value == "DROP TABLE"


def test_each_postgres_is_a_database_of_its_own(db: PostgresDatabase):
    other = sandbox.postgres("marketplace.sql")
    db.sql("DELETE FROM review")
    left = other.sql("SELECT count(*) FROM review").value
    other.close()

    assert db.sql("SELECT count(*) FROM review").value == 0
    assert left == 235


def test_a_plan_counts_and_shows_itself_without_what_differs(db: PostgresDatabase):
    plan = db.plan("SELECT * FROM review WHERE rating = 5")

    assert plan.scans("review") == ["Seq Scan"]
    assert plan.rows + plan.rows_removed == 235
    assert repr(plan).splitlines() == [
        f"Seq Scan on review (actual rows={plan.rows} loops=1)",
        "  Filter: (rating = 5)",
        f"  Rows Removed by Filter: {plan.rows_removed}",
        f"  Buffers: shared={plan.buffers}",
    ]


def test_postgres_goes_away_with_its_kernel():
    code = (
        "from prodev.lessons import sandbox; db = sandbox.postgres('marketplace.sql');"
        "print(db.sql('SELECT current_database()').value)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    name = ended.stdout.strip()

    assert name.startswith("prodev_l_")
    assert engine().admin.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is None


def test_django_is_migrated_and_ready_inside_an_event_loop():
    code = """
import asyncio
from prodev.lessons import sandbox

async def cell():
    sandbox.django("marketplace")
    from stays.models import Listing
    from stays.sample import fill
    fill(listings=12)
    return Listing.objects.count()

print(asyncio.run(cell()))
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ended.stdout.strip() == "12"


def test_a_file_that_no_module_has_is_named():
    with pytest.raises(CourseError, match=r"nowhere\.sql"):
        lesson_file("nowhere.sql")
