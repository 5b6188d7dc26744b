"""The report of the cities in two dialects, with the same rows."""

from collections import Counter
from itertools import pairwise

import pytest
import sqlglot
from port_the_mysql_report_worlds import Row, a_few_cities, a_long_year, names_and_ties, nothing_booked_yet
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokens import TokenType

from prodev.testbed import SqlRefused, explain

EXPLAINED = "Lesson 'Joins are set questions', section 'Explain'"


IN_BOTH = pytest.mark.parametrize("file", ["report.sql", "report.mysql.sql"])
IN_EVERY_WORLD = pytest.mark.parametrize("world", [a_few_cities, names_and_ties, nothing_booked_yet, a_long_year])


def in_postgres(text):
    """Translate MySQL's SELECT for PostgreSQL; what MySQL would not take is refused."""
    try:
        [statement] = [each for each in sqlglot.parse(text, read="mysql") if each is not None]
    except SqlglotError as error:
        place = error.errors[0] if getattr(error, "errors", None) else {}
        _not_mysql(
            f"On line {place.get('line', '?')} it does not follow the grammar: {place.get('description', error)}",
            "MySQL would stop there, too.",
        )
    except ValueError:
        _not_mysql("It is not one statement.", "The report is one SELECT; a second one is never shown.")
    tokens = sqlglot.Dialect.get_or_raise("mysql").tokenize(text)
    for before, token in pairwise(tokens):
        if before.token_type in (TokenType.FROM, TokenType.JOIN) and token.token_type == TokenType.STRING:
            _not_mysql(
                f'On line {token.line}, "{token.text}" stands in double quotes where a table is to be named.',
                "In MySQL, double quotes make a text. user is a reserved word in one of the two databases only: "
                "quote it as each of them does, in every place.",
            )
    if any(join.side == "FULL" for join in statement.find_all(exp.Join)):
        _not_mysql(
            "There is a FULL JOIN in it.",
            "MySQL has none; it would even take FULL for an alias of the table before it, and make an inner join.",
        )
    for name in statement.find_all(exp.Identifier):  # MySQL takes user as a name, and City for city
        name.set("this", name.this.lower())
        name.set("quoted", True)
    return statement.sql("postgres")


def _not_mysql(saw, why):
    raise AssertionError(
        explain(
            did="I read report.mysql.sql as MySQL.", saw=saw, why=why, look="The dialect of the line that is named."
        )
    )


@pytest.fixture(scope="module")
def asked():
    """What each report answered in each world: every test looks at the same rows."""
    return {}


@pytest.fixture
def ask(candidate, database, draw, asked):
    """Make a world, store it in no order, run the report of that file, and return the world and the rows."""

    def ask(make_world, file):
        if (make_world, file) not in asked:
            world = make_world(draw(make_world.__name__))
            asked[make_world, file] = world, answer_in(world, file)
        return asked[make_world, file]

    def answer_in(world, file):
        text = candidate.text(file)
        query = in_postgres(text) if file == "report.mysql.sql" and _has_code(text) else text
        tables = {
            "user": [{"id": id, "name": name} for id, name in world.hosts.items()],
            "listing": [listing._asdict() for listing in world.listings.values()],
            "booking": world.bookings,
            "target": [{"city": city, "amount": amount} for city, amount in world.targets.items()],
        }
        shuffled = draw("order").sample
        database.load({name: shuffled(rows, len(rows)) for name, rows in tables.items()})
        try:
            answer = database.run(query)
        except SqlRefused as refused:
            _translate(refused, file, query)
            raise
        assert sorted(answer.columns) == sorted(Row._fields), explain(
            did=f"I ran {file} and looked at the names of its columns.",
            saw=f"They are {', '.join(answer.columns) or 'none'}; I expected {', '.join(Row._fields)}.",
            why="Whoever reads the answer finds each value by the name of its column.",
            look="The list after SELECT: `expression AS name` gives a column its name.",
        )
        return [Row(**dict(zip(answer.columns, row, strict=True))) for row in answer.rows]

    return ask


def _has_code(text):
    return any(line.strip() and not line.strip().startswith("--") for line in text.splitlines())


def _translate(refused, file, query):
    """Say in four parts what a port most often trips over."""
    found = f"PostgreSQL refused it: {refused.message}."
    bare = refused.sqlstate == "42803"
    assert not bare, explain(
        did=f"I ran {file}" + (", translated for PostgreSQL." if "mysql" in file else "."),
        saw=found,
        why="With ONLY_FULL_GROUP_BY off, MySQL picks any row of the group for such a column; PostgreSQL refuses. "
        "Choose one on purpose.",
        look="The columns after SELECT that are neither in GROUP BY nor inside an aggregate.",
    )
    quoted = file == "report.sql" and refused.sqlstate in ("42601", "42703") and ('"user"' not in query or "`" in query)
    assert not quoted, explain(
        did=f"I ran {file}.",
        saw=found,
        why="PostgreSQL does not know backticks, and user is a reserved word there: without quotes it is the name of "
        "whoever is logged in, and no table.",
        look='How you quote names: "user" in PostgreSQL, `user` in MySQL.',
    )
    assert refused.sqlstate != "42883", explain(
        did=f"I ran {file}.",
        saw=found,
        why="IFNULL, GROUP_CONCAT, DATEDIFF and IF are MySQL's own words; say the same in those of PostgreSQL.",
        look="COALESCE, string_agg, the difference of two dates, and CASE.",
    )


@pytest.mark.task("runs")
@IN_BOTH
def test_the_report_runs(ask, file):
    """The report runs, and returns the six columns."""
    world, rows = ask(a_few_cities, file)

    assert rows, explain(
        did=f"{world.told} Then I ran {file}.",
        saw="It returned no row.",
        why="An empty report says that the company does not exist.",
        look="The joins and conditions, one by one.",
    )


@pytest.mark.task("cities")
@IN_BOTH
@IN_EVERY_WORLD
def test_each_city_comes_out_once(ask, world, file):
    """Each city with a booking or a target is one row, and no other city is there."""
    world, rows = ask(world, file)
    wanted = world.report()

    times = Counter(row.city for row in rows)
    lost = sorted(set(wanted) - set(times))
    twice = sorted(city for city in times if times[city] > 1 and city in wanted)
    other = [str(city) for city in times if city not in wanted]

    did = f"{world.told} Then I ran {file}."
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
@IN_BOTH
@IN_EVERY_WORLD
def test_the_sums_are_right(ask, world, file):
    """Revenue, target and nights of each city are those of its bookings that count."""
    world, rows = ask(world, file)
    wanted = world.report()

    mine = [row for row in rows if row.city in wanted]
    wrong = [(row, name) for row in mine for name in ("revenue", "target", "nights") if _differs(row, name, wanted)]

    assert mine, explain(
        did=f"{world.told} Then I ran {file}.",
        saw="None of the cities came out that have a booking or a target.",
        why="There is nothing to add up.",
        look="The task 'cities' first.",
    )
    assert not wrong, explain(
        did=f"{world.told} Then I ran {file}.",
        saw=f"{len(wrong)} sums are wrong. {_told(*wrong[0], wanted)}",
        why=_why_sum(*wrong[0], wanted),
        look=f"How often each booking stands among the rows that you add up. {EXPLAINED}.",
    )


@pytest.mark.task("names")
@IN_BOTH
@IN_EVERY_WORLD
def test_the_names_are_chosen(ask, world, file):
    """Each host's name is there once, in order, and the top listing is the one that earned most."""
    world, rows = ask(world, file)
    wanted = world.report()

    mine = [row for row in rows if row.city in wanted]
    wrong = [(row, name) for row in mine for name in ("hosts", "top_listing") if _differs(row, name, wanted)]

    assert mine, explain(
        did=f"{world.told} Then I ran {file}.",
        saw="None of the cities came out that have a booking or a target.",
        why="There is nobody to name.",
        look="The task 'cities' first.",
    )
    assert not wrong, explain(
        did=f"{world.told} Then I ran {file}.",
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


def _why_sum(row, name, wanted):
    """Say what the data prove about a wrong sum."""
    got, right = getattr(row, name), getattr(wanted[row.city], name)
    if got is None:
        return "The sum over no row is NULL. That nobody booked is known: it is 0."
    if right and name != "target" and got > right:
        return "It is more than was booked: something is added up twice, or a cancelled booking with it."
    return "The report decides where money is spent next year."
