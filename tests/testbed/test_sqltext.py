"""SQL text cut into statements and parameters."""

from __future__ import annotations

import pytest

from prodev.testbed import sqltext


def cut(sql: str) -> list[str]:
    """Return the statements of ``sql``."""
    return [statement.text for statement in sqltext.statements(sql)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 'a;b'",
        "SELECT 'it''s; fine'",
        r"SELECT E'it\'s; fine'",
        'SELECT ";" FROM "a;b"',
        "SELECT $$ ; $$",
        "SELECT $x$ $$;$$ ; $x$",
        "SELECT 1 -- ; not here\n + 2",
        "SELECT 1 /* ; /* ; */ ; */ + 1",
        "CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM a; DELETE FROM b)",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END",
        "CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC DELETE FROM a; DELETE FROM b; END",
    ],
)
def test_a_semicolon_that_ends_nothing_is_not_cut_at(sql: str) -> None:
    assert cut(sql + ";\nSELECT 2") == [sql, "SELECT 2"]


@pytest.mark.parametrize("sql", ["", " \n", "-- only words", "/* nothing */ ;; -- here\n"])
def test_text_without_a_statement_has_none(sql: str) -> None:
    assert cut(sql) == []


def test_an_unclosed_quote_takes_the_rest() -> None:
    assert cut("SELECT 1; SELECT 'abc; SELECT 2") == ["SELECT 1", "SELECT 'abc; SELECT 2"]


@pytest.mark.parametrize("sql", ["SELECT 1", "a:b::c := :d", "'x' $1 %s %(a)s 1.5e3 .5 \"q\" /* */ --\n;", "é ünï"])
def test_tokens_join_to_the_same_text(sql: str) -> None:
    assert "".join(token.text for token in sqltext.tokens(sql)) == sql


def test_a_statement_knows_where_it_starts_and_how() -> None:
    sql = "SELECT 1;\n-- now\n  UPDATE t SET a = 1"

    last = sqltext.statements(sql)[-1]

    assert sql[last.start :] == "UPDATE t SET a = 1"
    assert last.words[:2] == ("update", "t")


def test_comments_opened_over_and_over_are_read_once() -> None:
    assert cut("/*" * 100_000) == []
    assert cut("/**/" * 50_000 + "SELECT 1") == ["SELECT 1"]


def test_a_cast_is_no_parameter() -> None:
    names = [token.text for token in sqltext.tokens("SELECT a::int, :b, ':c', x[1::y] FROM t") if token.kind == "name"]

    assert names == [":b"]
