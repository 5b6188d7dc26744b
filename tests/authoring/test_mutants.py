"""Mutants: what is generated, what kills them, and how a survivor is explained."""

from __future__ import annotations

import pytest

from prodev.authoring import PROMISES
from prodev.authoring.mutant import with_keys
from prodev.authoring.mutants import hunt, mutants_of
from prodev.authoring.mutate_python import mutants_of_python
from prodev.authoring.mutate_shell import mutants_of_shell
from prodev.authoring.mutate_sql import mutants_in_string, mutants_of_sql
from prodev.course import Course

MUTATING = [promise for promise in PROMISES if promise.mutates]


def lines_of(mutants):
    """The lines that the mutants put in."""
    return {" ".join(" ".join(mutant.change[1]).split()) for mutant in mutants}


def test_every_mutant_of_the_toy_dies(toy, grader):
    hunted = hunt(Course(toy.root).exercise("count-nights"), grader)

    assert len(hunted.killed) >= 6
    assert hunted.survivors == []
    assert hunted.share() == 1.0


def test_a_hole_in_the_suite_is_a_survivor_with_a_key(toy, grader):
    toy.replace("E/tests/test_nights.py", "(date(2024, 5, 1), date(2024, 5, 1)), ", "")

    told = toy.told(MUTATING, grader=grader)

    assert "% of the Python mutants die, and 90% are to" in told
    assert "`if check_out <= check_in:` → `if check_out < check_in:`" in told
    assert "Add a test that each of them fails" in told


def test_a_survivor_can_be_explained_and_the_explanation_outlives_edits(toy, grader):
    toy.replace("E/tests/test_nights.py", "(date(2024, 5, 1), date(2024, 5, 1)), ", "")
    key = hunt(Course(toy.root).exercise("count-nights"), grader).survivors[0].key
    toy.write("S/mutants.toml", f'{key} = "Nothing tells them apart, for the sake of this test."\n')
    toy.replace("S/reference/nights.py", '"""How long is a stay?"""', '"""How long?"""\n\n# Half-open, as every stay.')

    assert toy.told(MUTATING, grader=grader) == ""


def test_a_stale_explanation_is_named(toy, grader):
    toy.write("S/mutants.toml", 'nights-000000 = "It was equivalent once."\n')

    told = toy.told(MUTATING, grader=grader)

    assert "mutants.toml explains 'nights-000000', which is no longer a mutant that survives" in told
    assert "Remove that line: it is stale." in told


def test_what_the_starter_already_says_is_not_mutated(toy):
    toy.replace("E/starter/nights.py", "def nights", "LIMIT = 30\n\n\ndef nights")
    toy.replace("S/reference/nights.py", "def nights", "LIMIT = 30\n\n\ndef nights")

    mutants, _ = mutants_of(Course(toy.root).exercise("count-nights"))

    assert not any("LIMIT" in line for line in lines_of(mutants))


def test_keys_are_unique_where_a_change_repeats():
    source = "def f(a, b):\n    a += 1\n    b += 1\n    a += 1\n    return a + b\n"

    keys = [mutant.key for mutant in with_keys(mutants_of_python("f.py", source))]

    assert len(keys) == len(set(keys)) >= 8


@pytest.mark.parametrize(
    ("source", "mutant"),
    [
        ("def f(a):\n    return a < 3\n", "return a <= 3"),
        ("def f(a):\n    return a < 3\n", "return a < 4"),
        ("def f(a, b):\n    return a and b\n", "return a or b"),
        ("def f(a):\n    a.close()\n", "pass"),
        ("def f(a):\n    return a in (1, 2)\n", "return a not in (1, 2)"),
        ("def f(q):\n    return q.filter(a=1).distinct()\n", "return q.filter(a=1)"),
        ("try:\n    f()\nexcept (a.B, C):\n    g()\n", "except ():"),
        ("try:\n    f()\nexcept (a.B, C):\n    g()\n", "except (a.B,):"),
        ("Q = 'SELECT a FROM t ORDER BY a'\n", "Q = 'SELECT a FROM t'"),
    ],
)
def test_python_is_mutated(source, mutant):
    assert mutant in lines_of(mutants_of_python("f.py", source))


def test_annotations_and_docstrings_make_no_mutants():
    source = 'def f(a: "int | None" = None) -> int | None:\n    """Return a."""\n    return a\n'

    assert lines_of(mutants_of_python("f.py", source)) == {"pass"}


@pytest.mark.parametrize(
    ("source", "gone", "put"),
    [
        ("SELECT * FROM a LEFT JOIN b ON a.id = b.a", "LEFT JOIN b", "JOIN b"),
        ("SELECT * FROM a WHERE x > 1 AND y = :today", "x > 1 AND y = :today", "y = :today"),
        ("SELECT sum(x) FROM a", "SUM(x)", "AVG(x)"),
        ("SELECT count(DISTINCT x) FROM a", "COUNT(DISTINCT x)", "COUNT(x)"),
        ("SELECT DISTINCT x FROM a", "SELECT DISTINCT", "SELECT"),
        ("SELECT x FROM a ORDER BY x, y", "x, y", "x"),
        ("SELECT x FROM a ORDER BY x LIMIT 3", "LIMIT 3", "LIMIT 4"),
        ("SELECT string_agg(x, ', ' ORDER BY x) FROM a", " ORDER BY x", ""),
        ("SELECT coalesce(x, 0) FROM a", "COALESCE(x, 0)", "x"),
        ("SELECT 1 FROM a WHERE NOT EXISTS(SELECT 1)", "NOT EXISTS", "EXISTS"),
        ("SELECT 1 FROM a FOR UPDATE", "FOR UPDATE", ""),
        ("ALTER TABLE a ADD CONSTRAINT c EXCLUDE USING gist (x WITH =, daterange(i, o, '[)') WITH &&)", "'[)'", "'[]'"),
        ("ALTER TABLE a ADD CONSTRAINT c EXCLUDE USING gist (x WITH =, y WITH &&)", "x WITH =, y WITH &&", "y WITH &&"),
        ("CREATE TABLE a (x INT, y INT, UNIQUE (x, y))", "UNIQUE (x, y)", "UNIQUE (y)"),
        ("CREATE TABLE a (x INT NOT NULL)", "x INT NOT NULL", "x INT"),
        ("CREATE INDEX i ON a (x, y DESC) WHERE z = 1", "(x, y DESC)", "(y DESC, x)"),
        ("CREATE UNIQUE INDEX i ON a (x)", "CREATE UNIQUE INDEX", "CREATE INDEX"),
    ],
)
def test_sql_is_mutated(source, gone, put):
    mutants, remarks = mutants_of_sql("q.sql", source)
    changed = {(flat(mutant.before), flat(mutant.after)) for mutant in mutants}

    assert remarks == []
    assert any(gone in before and flat(before.replace(gone, put)) == after for before, after in changed), changed


def flat(text):
    """One space for every run of white space, none inside of parentheses."""
    return " ".join(text.split()).replace("( ", "(").replace(" )", ")")


def test_sql_that_cannot_be_parsed_is_mutated_as_text_and_reported():
    source = (
        "CREATE FUNCTION f() RETURNS trigger AS $$ BEGIN IF NEW.a < 1 THEN RETURN NULL; END IF; END $$ LANGUAGE plpgsql"
    )

    mutants, remarks = mutants_of_sql("f.sql", source)

    assert any("NEW.a <= 1" in mutant.after for mutant in mutants)
    assert "sqlglot does not read 'CREATE FUNCTION f()" in remarks[0]


def test_only_the_changed_statement_is_rewritten():
    source = "select  1; -- as typed\nselect   a from t where a > 1"

    mutants, _ = mutants_of_sql("q.sql", source)
    second = [mutant for mutant in mutants if "a" in mutant.scope]

    assert second
    assert all(mutant.after.startswith("select  1; -- as typed\n") for mutant in second)


def test_sql_in_a_string_keeps_its_parameters():
    assert "SELECT a FROM t WHERE b >= %(day)s" in mutants_in_string("SELECT a FROM t WHERE b > %(day)s")
    assert "SELECT a FROM t WHERE b >= ?" in mutants_in_string("SELECT a FROM t WHERE b > ?")
    assert mutants_in_string("SELECT a FROM t WHERE b > :day") != []


def test_shell_is_mutated_by_line_and_still_read_by_bash():
    source = 'set -euo pipefail\ncurl --fail -s "$URL" || exit 1\nif [ "$n" -lt 3 ]; then\n  exit 2\nfi\n'

    lines = lines_of(mutants_of_shell("probe.sh", source))

    assert 'curl -s "$URL" || exit 1' in lines
    assert "curl --fail -s $URL || exit 1" in lines
    assert 'curl --fail -s "$URL" || exit 0' in lines
    assert 'if [ "$n" -le 3 ]; then' in lines
