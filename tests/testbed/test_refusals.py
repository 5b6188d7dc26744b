"""What a learner reads when the database refuses their SQL."""

from __future__ import annotations

import pytest

from prodev.testbed import Database, SqlRefused

REFUSALS = [
    ("SELECT * FROM bookings", "42P01", "Did you mean booking?"),
    ("SELECT * FROM wholly_unknown", "42P01", "The tables here are: booking, guest."),
    ("SELECT b.id FROM guest", "42P01", "Name b in FROM or JOIN"),
    ("SELECT nigths FROM booking", "42703", "Did you mean nights, of booking?"),
    ("SELECT b.totl FROM booking AS b", "42703", "Did you mean total, of booking?"),
    ("SELECT zzz FROM guest", "42703", "guest has id, name."),
    ('SELECT * FROM guest WHERE name = "guest 1"', "42703", "single quotes: 'guest 1'"),
    ("SELECT nights AS n FROM booking WHERE n > 1", "42703", "n is a name that SELECT gives"),
    ("SELECT guest_id, count(*) FROM booking", "42803", "returns one row for each group"),
    ("SELECT 1 FROM booking WHERE count(*) > 1", "42803", "into HAVING"),
    ("SELECT 1 FROM booking WHERE row_number() OVER () = 1", "42P20", "computed after WHERE"),
    ("SELECT id FROM booking JOIN guest ON true", "42702", "Both booking and guest have a column id"),
    ("SELECT id, FROM guest", "42601", "a comma too many before FROM"),
    ("SELECT 'abc", "42601", "A quote is opened and never closed"),
    ("SELECT (1", "42601", "The text ends too early"),
    ("SELEC 1", "42601", "Look at the mark"),
    ("SELECT 1 / 0", "22012", "NULLIF"),
    ("SELECT 'x'::int", "22P02", "cannot be read as that type"),
    ("SELECT '2026-02-30'::date", "22008", "YYYY-MM-DD"),
    ("SELECT 1 = (SELECT id FROM guest)", "21000", "must return one row"),
    ("SELECT name + 1 FROM guest", "42883", "convert an argument"),
    ("INSERT INTO guest (id, name) VALUES (1, 'a')", "23505", "ON CONFLICT"),
    ("INSERT INTO guest (name) VALUES (NULL)", "23502", "NOT NULL"),
    ("INSERT INTO booking (guest_id, nights) VALUES (99, 1)", "23503", "insert the referenced row first"),
    ("INSERT INTO booking (guest_id, nights) VALUES (1, 0)", "23514", "CHECK constraint"),
    ("INSERT INTO guest (name) VALUES ('a') ON CONFLICT (name) DO NOTHING", "42P10", "primary key or unique index"),
    ("CREATE TABLE guest (id int)", "42P07", "exists already"),
    ("DROP TABLE guest", "2BP01", "CASCADE"),
    ("VACUUM guest; SELECT 1", "25001", "only one in the text"),
    ("DO $$ BEGIN COMMIT; END $$", "2D000", "inside a transaction"),
    ("CREATE ROLE boss", "42501", "may do nothing outside it"),
    ("SELECT * FROM pg_authid", "42501", "may do nothing outside it"),
    ("ALTER TABLE guest ADD COLUMN x int GENERATED ALWAYS AS (now()) STORED", "42P17", ""),
]


DIVIDED = "CREATE TABLE stay (id int, day date) PARTITION BY RANGE (day);"
MAY = "CREATE TABLE may PARTITION OF stay FOR VALUES FROM ('2026-05-01') TO ('2026-06-01');"
REST = "CREATE TABLE rest PARTITION OF stay DEFAULT;"
OF_PARTITIONS = [
    (DIVIDED + "ALTER TABLE stay ADD PRIMARY KEY (id)", "0A000", "add day to it, as in PRIMARY KEY (id, day)"),
    (DIVIDED + "CREATE UNIQUE INDEX ON stay (id)", "0A000", "add day to it"),
    (DIVIDED + MAY + "INSERT INTO stay VALUES (1, '2031-01-01')", "23514", "stay_default PARTITION OF stay DEFAULT"),
    (DIVIDED + REST + "INSERT INTO stay VALUES (1, '2026-05-09');" + MAY, "23514", "move the rows out of rest"),
    (DIVIDED + MAY + "INSERT INTO may VALUES (1, '2026-06-01')", "23514", "insert into the partitioned table"),
    (
        DIVIDED + "CREATE TABLE old (id int, day date); INSERT INTO old VALUES (1, '2026-05-01');"
        "ALTER TABLE stay ATTACH PARTITION old FOR VALUES FROM ('2026-04-01') TO ('2026-05-01')",
        "23514",
        "Some row of old lies outside",
    ),
    (
        DIVIDED + MAY + "CREATE TABLE june PARTITION OF stay FOR VALUES FROM ('2026-05-31') TO ('2026-07-01')",
        "42P17",
        "june may begin where may ends",
    ),
    (
        DIVIDED + "CREATE TABLE may PARTITION OF stay FOR VALUES FROM ('2026-05-31') TO ('2026-05-31')",
        "42P17",
        "TO has to be later",
    ),
    (MAY.replace("stay", "booking"), "42P17", "rename it, make the new one"),
    (DIVIDED + REST + REST.replace("rest", "more"), "42P17", "rest is it"),
    (DIVIDED + "ALTER TABLE stay DETACH PARTITION guest", "42P01", "lists the partitions of stay"),
    (
        "CREATE TABLE stay (id int PRIMARY KEY, day date) PARTITION BY RANGE (extract(year FROM day))",
        "0A000",
        "Divide by a plain column",
    ),
    (DIVIDED + "CREATE TABLE may PARTITION OF stay FOR VALUES IN ('2026-05-01')", "42P16", "FROM (…) TO (…)"),
    (DIVIDED + "CREATE TABLE rest (id int); ALTER TABLE stay ATTACH PARTITION rest DEFAULT", "42804", "add day"),
    (
        DIVIDED + "CREATE TABLE rest (id int, day date, x int); ALTER TABLE stay ATTACH PARTITION rest DEFAULT",
        "42804",
        "drop x",
    ),
    (
        DIVIDED + "CREATE TABLE rest (id bigint, day date); ALTER TABLE stay ATTACH PARTITION rest DEFAULT",
        "42804",
        "give id the same type",
    ),
]


@pytest.mark.parametrize(("sql", "state", "advice"), REFUSALS + OF_PARTITIONS)
def test_the_errors_that_beginners_meet_come_with_a_next_step(
    shared: Database, sql: str, state: str, advice: str
) -> None:
    with pytest.raises(SqlRefused) as refused:
        shared.run(sql)

    assert refused.value.sqlstate == state
    assert advice in refused.value.advice
    assert refused.value.message in str(refused.value)


def test_the_message_shows_the_line_and_points_at_the_place(shared: Database) -> None:
    with pytest.raises(SqlRefused) as refused:
        shared.run("-- who stays longest\nSELECT name,\n       nigths\nFROM booking, guest;")

    assert str(refused.value).splitlines() == [
        'PostgreSQL refused a statement on line 3 of your SQL: column "nigths" does not exist',
        "  3 |        nigths",
        "    |        ^",
        "Did you mean nights, of booking?",
    ]
    assert (refused.value.line, refused.value.column) == (3, 8)


def test_parameters_do_not_shift_the_place(shared: Database) -> None:
    with pytest.raises(SqlRefused) as refused:
        shared.run("SELECT :a, :long_name,\n :a + nonsense FROM guest", a=1, long_name="x" * 500)

    assert (refused.value.line, refused.value.column) == (2, 7)
    assert refused.value.source_line == " :a + nonsense FROM guest"


def test_a_later_statement_is_placed_in_the_whole_text(shared: Database) -> None:
    with pytest.raises(SqlRefused) as refused:
        shared.run("SELECT 1;\n\nSELECT 2;\nDELETE FROM guests;")

    assert (refused.value.line, refused.value.column) == (4, 13)


def test_an_error_without_a_place_points_at_its_statement(shared: Database) -> None:
    with pytest.raises(SqlRefused) as refused:
        shared.run("SELECT 1;\n  SELECT 1 / 0")

    assert (refused.value.line, refused.value.column) == (2, 3)


@pytest.mark.parametrize(("sql", "says"), [("", "it is empty"), (" \n ", "it is empty"), ("-- a\n/* b */", "comments")])
def test_text_without_a_query_is_refused_in_words(shared: Database, sql: str, says: str) -> None:
    with pytest.raises(SqlRefused, match=says) as refused:
        shared.run(sql)

    assert refused.value.line == 0


@pytest.mark.parametrize(
    "sql",
    [
        "COPY guest TO STDOUT",
        "copy guest from stdin",
        "COPY guest TO STDOUT(FORMAT csv)",
        "PREPARE TRANSACTION 'x'",
        "COMMIT PREPARED 'x'",
        "SELECT '\0'",
        "SELECT '\udcff'",
    ],
)
def test_what_cannot_be_run_here_is_refused_before_it_is_sent(shared: Database, sql: str) -> None:
    with pytest.raises(SqlRefused, match=r"This SQL cannot be run on line 2"):
        shared.run("SELECT 1;\n" + sql)

    assert shared.run("SELECT 1").rows == [(1,)]


def test_the_mark_that_some_editors_put_first_is_no_error(shared: Database) -> None:
    assert shared.run("\ufeffSELECT 1;\r\nSELECT 2\r\n").rows == [(2,)]


def test_a_table_of_an_empty_database_is_not_guessed(empty: Database) -> None:
    with pytest.raises(SqlRefused, match="There is no table here at all yet"):
        empty.run("SELECT * FROM guest")


def test_a_refusal_is_a_failed_assertion_so_that_a_judge_shows_it_as_it_stands() -> None:
    assert issubclass(SqlRefused, AssertionError)
