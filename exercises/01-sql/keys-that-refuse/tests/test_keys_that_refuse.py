"""What breaks a rule is refused, what keeps them all is let in, and deletions go as far as they should."""

from functools import cache

import pytest
from keys_that_refuse_rows import GOOD, POINTING_NOWHERE, SAME_AGAIN, SENSELESS, STORED, WITHOUT_A_VALUE, spelled

from prodev.testbed import SqlRefused, explain

LESSON = "Lesson 'Constraints, transactions, partitions', section 'What each constraint refuses'"
BOOKED = ("host 1", "guest 11", "listing 21")


class Shop:
    """The tables with the candidate's rules, and a few rows that keep all of them."""

    def __init__(self, connection):
        self.connection = connection

    def tries(self, sql, *values):
        """Run one statement, look at what is stored then, and take it back.

        Returns the refusal, or '' where there is none, and the ids in each table afterwards.
        """
        error, ids = None, {}
        try:
            self.connection.execute(sql, values)
            self.connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
            ids = {table: {id for (id,) in self.connection.execute(f"SELECT id FROM {table}")} for table in STORED}
        except self.connection.Error as refused:
            error = refused
        self.connection.rollback()
        return str(error).strip().splitlines()[0] if error else "", ids

    def insert(self, row):
        """Insert a row; the refusal, or '' where it went in."""
        marks = ", ".join("%s" for _ in row.values)
        refusal, ids = self.tries(
            f"INSERT INTO {row.table} ({', '.join(row.values)}) VALUES ({marks})", *row.values.values()
        )
        assert refusal or row.values["id"] in ids[row.table], explain(
            did=f"I inserted {row}",
            saw="PostgreSQL reported success, and the row is not there.",
            why="Whoever is refused has to be told, or they believe that it is stored.",
            look="Triggers and rules in constraints.sql: they should raise, and never return NULL.",
        )
        return refusal


@pytest.fixture(scope="module")
def open_shop(database):
    """Run constraints.sql and store the rows, once for the whole suite."""

    @cache
    def open_shop(constraints):
        try:
            database.run(constraints, commit=True)
            database.load(STORED)
        except SqlRefused as refused:
            return refused
        return Shop(database.connect())

    return open_shop


@pytest.fixture
def shop(candidate, open_shop):
    shop = open_shop(candidate.text("constraints.sql"))
    if isinstance(shop, SqlRefused):
        raise shop
    return shop


def refuses(shop, rows, *, look):
    """Insert rows that break a rule, one at a time; each has to be refused."""
    got_in = [row for row in rows if not shop.insert(row)]

    first = got_in[0] if got_in else None
    assert first is None, explain(
        did=f"I inserted {len(rows)} rows, each of which breaks one rule, and took each back again.",
        saw=f"{len(got_in)} went in. The first is {first}; beside it there is {beside(first)}.",
        why=first.why,
        look=f"{look.format(table=first.table, column=', '.join(first.changed))} {LESSON}.",
    )


@pytest.mark.task("keys")
def test_the_same_again_is_refused(shop):
    """Ids, addresses and reviews are there once."""
    refuses(shop, SAME_AGAIN, look="The keys of {table}: PRIMARY KEY, UNIQUE, and a unique index on an expression.")


@pytest.mark.task("references")
def test_a_reference_to_nothing_is_refused(shop):
    """Whatever ends in _id names a row that exists."""
    refuses(shop, POINTING_NOWHERE, look="The column {column} of {table}: FOREIGN KEY and NOT NULL, both.")


@pytest.mark.task("values")
def test_a_value_without_sense_is_refused(shop):
    """Ratings, dates, prices and states are what they can be, and none is missing."""
    refuses(shop, SENSELESS + WITHOUT_A_VALUE, look="The column {column} of {table}: CHECK and NOT NULL.")


@pytest.mark.task("values")
def test_a_change_is_held_to_the_same_rules(shop):
    """A row that was good cannot be made bad."""
    refusal, _ = shop.tries("UPDATE review SET rating = 11 WHERE id = 51")

    assert refusal, explain(
        did="I changed the rating of review 51 from 4 to 11.",
        saw="The change was accepted.",
        why="Most bad values are not inserted: they are typed over good ones.",
        look="Rules that look at INSERT alone; a CHECK holds for a row however it came to be.",
    )


@pytest.mark.task("welcome")
def test_what_no_rule_forbids_is_let_in(shop):
    """A row that keeps every rule of the brief is stored."""
    assert any(shop.insert(bad) for bad in (SAME_AGAIN[0], POINTING_NOWHERE[0], SENSELESS[0])), explain(
        did="I looked for a rule first: I inserted an id twice, a listing of no host, and a rating of 6.",
        saw="All three rows went in.",
        why="A table without a rule lets in every good row, too.",
        look="The other tasks first.",
    )

    refused = [(row, refusal) for row in GOOD if (refusal := shop.insert(row))]

    assert not refused, explain(
        did=f"I inserted {len(GOOD)} rows that keep every rule, and took each back again.",
        saw=f"{len(refused)} were refused. The first is {refused[0][0]}; PostgreSQL said: {refused[0][1]}.",
        why=refused[0][0].why,
        look="The constraint that PostgreSQL names: which rule of the brief does it stand for?",
    )


@pytest.mark.task("deletes")
def test_a_listing_takes_its_photos_along(shop):
    """When a listing is deleted that nobody booked, its photos go with it, and no other row does."""
    refusal, left = shop.tries("DELETE FROM listing WHERE id = 22")

    assert not refusal, explain(
        did="I deleted listing 22, a draft with two photos and no booking.",
        saw=f"PostgreSQL refused it: {refusal}.",
        why="The host has to delete each photo by hand before the draft can go.",
        look="The foreign key of photo, and what it says about ON DELETE.",
    )
    assert left["photo"] == {31}, explain(
        did="I deleted listing 22, a draft with the photos 32 and 33. Photo 31 is of another listing.",
        saw=f"The photos that are left: {sorted(left['photo'])}.",
        why="A photo of no listing is found by nobody, and paid for every month; one of another listing is missed.",
        look="The foreign key of photo, and what it says about ON DELETE.",
    )


@pytest.mark.task("deletes")
def test_who_has_bookings_stays(shop):
    """A host, guest or listing with bookings cannot be deleted."""
    answers = {name: shop.tries(f"DELETE FROM {name.replace(' ', ' WHERE id = ')}") for name in BOOKED}

    done = {name: sorted(left["booking"]) for name, (refusal, left) in answers.items() if not refusal}

    assert not done, explain(
        did=f"I deleted {', '.join(BOOKED)}, each by itself; all of them have bookings.",
        saw=f"Not refused: {', '.join(done)}. "
        f"Without {next(iter(done))}, these of the bookings 41 and 42 are left: {next(iter(done.values())) or 'none'}.",
        why="Guests who have paid stand before a door of which nobody knows any more, and the books have a hole.",
        look="ON DELETE CASCADE, and all the tables on the way from there to booking.",
    )


def beside(row):
    """The stored row that a new one is to be compared with."""
    stored = STORED[row.table][0]
    return f"{row.table} {stored['id']} (" + ", ".join(f"{n} {spelled(v)}" for n, v in stored.items()) + ")"
