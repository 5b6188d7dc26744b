"""Which statements count, and which look alike."""

from __future__ import annotations

import pytest

from prodev.testbed import querylog
from prodev.testbed.querylog import Executed, Prepared, QueryLog, is_chatter, normal_form


@pytest.mark.parametrize(
    "text",
    [
        "BEGIN", "begin isolation level serializable", "COMMIT", "ROLLBACK", "SAVEPOINT a", "RELEASE SAVEPOINT a",
        "SET timezone = 'UTC'", "SHOW server_version", "/* django */ SET search_path TO public", "DISCARD ALL",
        "SELECT set_config('TimeZone', 'UTC', false)", "SELECT pg_catalog.set_config($1, $2, $3)", "START TRANSACTION",
        "", "-- nothing",
    ],
)  # fmt: skip
def test_session_chatter_does_not_count(text: str) -> None:
    assert is_chatter(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1", "WITH a AS (SELECT 1) SELECT * FROM a", "INSERT INTO settings VALUES (1)", "VALUES (1)",
        "SELECT set_config('a.b', (SELECT string_agg(name, ',') FROM guest), false)", "EXPLAIN SELECT 1",
        "SELECT set_config('a.b', 'c', false) FROM guest", "DECLARE c CURSOR FOR SELECT 1", "FETCH 10 FROM c",
        "selection", "/* SET */ SELECT 1", "(SELECT 1)",
    ],
)  # fmt: skip
def test_everything_else_counts(text: str) -> None:
    assert not is_chatter(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT * FROM t WHERE id = 1", "select *  from t\nwhere id = 22"),
        ("SELECT * FROM t WHERE a = 'x'", "SELECT * FROM t WHERE a = $1"),
        ("SELECT * FROM t WHERE a = %s", "SELECT * FROM t WHERE a = $1"),
        ("SELECT * FROM t WHERE a IN (1, 2)", "SELECT * FROM t WHERE a IN (1, 2, 3)"),
        ("INSERT INTO t VALUES ($1, $2)", "INSERT INTO t VALUES ($1, $2), ($3, $4)"),
        ("SELECT 1 /* request 7 */", "SELECT 2 -- request 8"),
    ],
)
def test_statements_that_differ_in_values_look_alike(one: str, other: str) -> None:
    assert normal_form(one) == normal_form(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("SELECT a FROM t", "SELECT b FROM t"), ('SELECT "A" FROM t', 'SELECT "a" FROM t')],
)
def test_statements_about_other_things_do_not(one: str, other: str) -> None:
    assert normal_form(one) != normal_form(other)


def test_repeated_statements_come_most_frequent_first() -> None:
    log = QueryLog()
    for text in ("SELECT 1", "SELECT a FROM t WHERE id = 1", "SELECT a FROM t WHERE id = 2", "BEGIN",
                 "SELECT a FROM t WHERE id = 3", "DELETE FROM t", "DELETE FROM t"):  # fmt: skip
        log.add(Executed(Prepared(text)))

    assert log.repeated() == [("select a from t where id = ?", 3), ("delete from t", 2)]
    assert (len(log), log.count, log.chatter) == (6, 6, ["BEGIN"])


def test_a_flood_is_counted_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(querylog, "MOST_KEPT", 3)
    log = QueryLog()

    for _ in range(10):
        log.add(Executed(Prepared("SELECT 1")))
        log.add(Executed(Prepared("BEGIN")))

    assert log.count == 10
    assert len(log.statements) + len(log.chatter) == 3
