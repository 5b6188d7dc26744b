"""The report of the cities in two dialects, with the same rows."""

from collections import Counter
from typing import NamedTuple

import pytest
from port_the_mysql_report_dialect import in_postgres, is_for_mysql_alone
from port_the_mysql_report_worlds import Row, World, a_few_cities, a_long_year, names_and_ties, nothing_booked_yet

from prodev.testbed import Asking, SqlRefused, explain

EXPLAINED = "Lesson 'Joins are set questions', section 'Explain'"
MYSQL = "report.mysql.sql"


IN_ALL = pytest.mark.parametrize("where", ["report.sql", MYSQL, "MySQL"])
IN_EVERY_WORLD = pytest.mark.parametrize("world", [a_few_cities, names_and_ties, nothing_booked_yet, a_long_year])


class Answer(NamedTuple):
    """What one of the reports answered in a world, and what I did to see it."""

    world: World
    rows: list[Row]
    did: str


@pytest.fixture(scope="module")
def asking(database, draw):
    return Asking(database, draw, Row, tables=tables_of)


@pytest.fixture(scope="module")
def asking_mysql(mysql, draw):
    return mysql and Asking(mysql, draw, Row, tables=tables_of)


@pytest.fixture
def ask(candidate, asking, mysql, asking_mysql):
    """Make a world, run a report in it, and return what it answered.

    report.mysql.sql runs in two places: translated on PostgreSQL, and as it is on "MySQL". Where no MySQL answers,
    or where MariaDB answers and lacks what the report uses, the translation is asked twice.
    """

    def ask(make_world, where):
        text = candidate.text("report.sql" if where == "report.sql" else MYSQL)
        if where == "report.sql" or not _has_code(text):
            return answer(asking, make_world, text, where if where == "report.sql" else MYSQL, "")
        translated = in_postgres(text)
        if where == "MySQL" and mysql and not (mysql.product == "MariaDB" and is_for_mysql_alone(text)):
            return answer(asking_mysql, make_world, text, MYSQL, f" on {mysql.product}")
        place = ", translated for PostgreSQL" + ("" if mysql else ", since no MySQL answers here")
        return answer(asking, make_world, translated, MYSQL, place)

    def answer(asking, make_world, query, file, place):
        try:
            world, rows = asking.ask(make_world, query, named=file)
        except SqlRefused as refused:
            _translate(refused, file, place, query)
            raise
        return Answer(world, rows, f"{world.told} Then I ran {file}{place}.")

    return ask


def tables_of(world):
    return {
        "user": [{"id": id, "name": name} for id, name in world.hosts.items()],
        "listing": [listing._asdict() for listing in world.listings.values()],
        "booking": world.bookings,
        "target": [{"city": city, "amount": amount} for city, amount in world.targets.items()],
    }


def _has_code(text):
    return any(line.strip() and not line.strip().startswith("--") for line in text.splitlines())


def _translate(refused, file, place, query):
    """Say in four parts what a port most often trips over."""
    found = f"{refused.by} refused it: {refused.message}."
    bare = refused.sqlstate in ("42803", "1055", "1140")
    assert not bare, explain(
        did=f"I ran {file}{place}.",
        saw=found,
        why="With ONLY_FULL_GROUP_BY off, MySQL picks any row of the group for such a column; PostgreSQL refuses. "
        "Choose one on purpose.",
        look="The columns after SELECT that are neither in GROUP BY nor inside an aggregate.",
    )
    assert refused.by == "PostgreSQL", explain(
        did=f"I ran {file}{place}.",
        saw=found,
        why="The translation for PostgreSQL ran, so it is a word that only PostgreSQL or its translator knows.",
        look=refused.advice or "The words near the place that it names.",
    )
    quoted = file == "report.sql" and refused.sqlstate in ("42601", "42703") and ('"user"' not in query or "`" in query)
    assert not quoted, explain(
        did=f"I ran {file}.",
        saw=found,
        why="PostgreSQL does not know backticks, and user is a reserved word there: without quotes it is the name of "
        "whoever is logged in, and no table.",
        look='How you quote names: "user" in PostgreSQL, `user` in MySQL.',
    )
    unknown = refused.sqlstate == "42883"
    assert not (unknown and file == MYSQL), explain(
        did=f"I ran {file}{place}.",
        saw=found,
        why="The translator does not know this function of MySQL's, and not everybody who grades this has a MySQL.",
        look="A function that both databases have, or CASE.",
    )
    assert not unknown, explain(
        did=f"I ran {file}.",
        saw=found,
        why="IFNULL, GROUP_CONCAT, DATEDIFF and IF are MySQL's own words; say the same in those of PostgreSQL.",
        look="COALESCE, string_agg, the difference of two dates, and CASE.",
    )


@pytest.mark.task("runs")
@IN_ALL
def test_the_report_runs(ask, where):
    """The report runs, and returns the six columns."""
    _, rows, did = ask(a_few_cities, where)

    assert rows, explain(
        did=did,
        saw="It returned no row.",
        why="An empty report says that the company does not exist.",
        look="The joins and conditions, one by one.",
    )


@pytest.mark.task("cities")
@IN_ALL
@IN_EVERY_WORLD
def test_each_city_comes_out_once(ask, world, where):
    """Each city with a booking or a target is one row, and no other city is there."""
    world, rows, did = ask(world, where)
    wanted = world.report()

    times = Counter(row.city for row in rows)
    lost = sorted(set(wanted) - set(times))
    twice = sorted(city for city in times if times[city] > 1 and city in wanted)
    other = [str(city) for city in times if city not in wanted]

    assert not twice, explain(
        did=did,
        saw=f"{len(twice)} cities appear more than once, such as {twice[0]} ({times[twice[0]]} times).",
        why="They have bookings and a target, so both halves match them. A FULL OUTER JOIN that is put together from "
        "LEFT and RIGHT must leave in the second half only what the first one lacks.",
        look="UNION ALL, and the condition IS NULL that the second half wants.",
    )
    assert not lost, explain(
        did=did,
        saw=f"{len(lost)} of {len(wanted)} cities are missing, such as {lost[0]}.",
        why="It has a target and no booking: whoever missed a target altogether is not in the report of the targets."
        if wanted[lost[0]].nights == 0
        else "It has bookings and no target: money that nobody planned is money all the same.",
        look=f"Which side each of your joins keeps; both have to be kept. {EXPLAINED}.",
    )
    assert not other, explain(
        did=did,
        saw=f"There is a row for {', '.join(other[:3])}, which has neither a booking that counts nor a target.",
        why="A cancelled booking earns nothing, and a listing alone does not, either.",
        look="Where your report begins: with what was booked and with the targets.",
    )


@pytest.mark.task("sums")
@IN_ALL
@IN_EVERY_WORLD
def test_the_sums_are_right(ask, world, where):
    """Revenue, target and nights of each city are those of its bookings that count."""
    world, rows, did = ask(world, where)
    wanted = world.report()

    mine = [row for row in rows if row.city in wanted]
    wrong = [(row, name) for row in mine for name in ("revenue", "target", "nights") if _differs(row, name, wanted)]

    assert mine, explain(
        did=did,
        saw="None of the cities came out that have a booking or a target.",
        why="There is nothing to add up.",
        look="The task 'cities' first.",
    )
    assert not wrong, explain(
        did=did,
        saw=f"{len(wrong)} sums are wrong. {_told(*wrong[0], wanted)}",
        why=_why_sum(*wrong[0], world),
        look=f"How often each booking stands among the rows that you add up. {EXPLAINED}.",
    )


@pytest.mark.task("names")
@IN_ALL
@IN_EVERY_WORLD
def test_the_names_are_chosen(ask, world, where):
    """Each host's name is there once, in order, and the top listing is the one that earned most."""
    world, rows, did = ask(world, where)
    wanted = world.report()

    mine = [row for row in rows if row.city in wanted]
    wrong = [(row, name) for row in mine for name in ("hosts", "top_listing") if _differs(row, name, wanted)]

    assert mine, explain(
        did=did,
        saw="None of the cities came out that have a booking or a target.",
        why="There is nobody to name.",
        look="The task 'cities' first.",
    )
    assert not wrong, explain(
        did=did,
        saw=f"{len(wrong)} names are wrong. {_told(*wrong[0], wanted)}",
        why="A list of names says each of them once, and in an order, or two runs of one report differ."
        if wrong[0][1] == "hosts"
        else "The listing is praised in public: the one that earned most, and of equal ones that with the lower id.",
        look="DISTINCT and ORDER BY inside the aggregate."
        if wrong[0][1] == "hosts"
        else "What decides which row of the group the title is taken from.",
    )


def _differs(row, name, wanted):
    return getattr(row, name) != getattr(wanted[row.city], name)


def _told(row, name, wanted):
    got, right = getattr(row, name), getattr(wanted[row.city], name)
    return f"{name} of {row.city}: you report {_spelled(got)}; I expected {_spelled(right)}."


def _spelled(value):
    return "NULL" if value is None else repr(value) if isinstance(value, str) else str(value)


def _why_sum(row, name, world):
    """Say what the data prove about a wrong sum."""
    got, right = getattr(row, name), getattr(world.report()[row.city], name)
    if got is None:
        return "The sum over no row is NULL. That nobody booked is known: it is 0."
    if name == "nights" and got == world.nights_as_numbers(row.city):
        return "PostgreSQL counts days; in MySQL a date in a sum is a number, and 2 March minus 28 February is 74."
    if right and name != "target" and got > right:
        return "It is more than was booked: something is added up twice, or a cancelled booking with it."
    return "The report decides where money is spent next year."
