"""The translation of port-the-mysql-report and a MySQL come to the same verdicts, wherever a MySQL answers."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from prodev.course import Course
from prodev.grading import Grader, layers_of
from prodev.testbed import Database, Engine, Lease, MySqlDatabase, SqlRefused, Template, Unavailable
from prodev.testbed.mysql import MySqlServer, find_mysql

ROOT = Path(__file__).resolve().parents[2]
EXERCISE = Course(ROOT).exercise("port-the-mysql-report")
NOBODY = "mysql://root@127.0.0.1:1/"
TABLES: dict[str, list[dict[str, object]]] = {
    "user": [{"id": 1, "name": "Hana"}, {"id": 2, "name": "Ivo"}, {"id": 3, "name": "Hana"}],
    "listing": [
        {"id": 4, "user_id": 1, "city": "Accra", "title": "Loft"},
        {"id": 5, "user_id": 2, "city": "Accra", "title": "Attic"},
        {"id": 6, "user_id": 3, "city": "Pisa", "title": "Mill"},
    ],
    "booking": [
        {"id": n, "listing_id": 4 + n % 2, "status": "pending", "total": 120.5}
        | {"check_in": date(2026, month, 27), "check_out": date(2026, month + 1, 2)}
        for n, month in enumerate((1, 2, 4))
    ],
    "target": [{"city": "Oslo", "amount": 500}],
}
BOTH_TAKE = [
    "SELECT SUM(check_out - check_in) AS a FROM booking",
    "SELECT SUM(DATEDIFF(check_out, check_in)) AS a FROM booking",
    "SELECT SUM(TIMESTAMPDIFF(DAY, check_in, check_out)) AS a FROM booking",
    "SELECT SUM(TO_DAYS(check_out) - TO_DAYS(check_in)) AS a FROM booking",
    "SELECT SUBSTRING_INDEX(GROUP_CONCAT(title ORDER BY id SEPARATOR '|'), '|', 1) AS a FROM listing",
    "SELECT GROUP_CONCAT(DISTINCT name ORDER BY name DESC) AS a FROM user",
    "SELECT City AS a FROM target AS T",
    "SELECT TO_DAYS(check_in) AS a FROM booking",
    'SELECT id AS a FROM user WHERE name = "Ivo"',
    "SELECT IF(total > 100, 1, 2) AS a, IFNULL(NULL, 3) AS b FROM booking",
    "SELECT l.city AS a, t.amount AS b FROM (listing AS l LEFT JOIN target AS t ON t.city = l.city)",
    "SELECT city AS a FROM listing UNION SELECT city FROM target",
    "SELECT CAST(SUM(total) AS SIGNED) AS a FROM booking",
    "SELECT FIRST_VALUE(title) OVER (PARTITION BY city ORDER BY id DESC) AS a FROM listing",
    "SELECT check_out - INTERVAL 1 DAY = check_in AS a FROM booking",
]
NEITHER_TAKES = [
    "SELECT STRING_AGG(name, ', ') AS a FROM `user`",
    "SELECT ARRAY_AGG(name) AS a FROM `user`",
    "SELECT DATE_TRUNC('month', check_in) AS a FROM booking",
    "SELECT total::int AS a FROM booking",
    "SELECT SUM(total) FILTER (WHERE status = 'pending') AS a FROM booking",
    "SELECT DISTINCT ON (city) city AS a FROM listing",
    "SELECT id AS a FROM user WHERE name ILIKE 'i%'",
    "SELECT name AS a FROM user ORDER BY name NULLS LAST",
    "WITH u AS MATERIALIZED (SELECT 1 AS a) SELECT a FROM u",
    "SELECT a FROM (SELECT 1 AS a)",
    "SELECT id AS a FROM \"user\"",
    "SELECT CAST(total AS TEXT) AS a FROM booking",
    "SELECT l.city AS a FROM listing AS l FULL OUTER JOIN target AS t ON t.city = l.city",
    "SELECT no_such(1) AS a",
]  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[MySqlServer]:
    try:
        found = find_mysql(os.environ)
    except Unavailable as none:
        pytest.skip(none.problem)
    yield found
    found.close()


@pytest.fixture(scope="module")
def real(server: MySqlServer) -> Iterator[MySqlDatabase]:
    lease = server.lease((EXERCISE.tests / "mysql.sql").read_text())
    with MySqlDatabase(lease) as database:
        database.load(TABLES)
        yield database
    server.release(lease)


@pytest.fixture
def translated(engine: Engine, lease: Callable[[Template], Lease], mark: str) -> Iterator[Database]:
    template = engine.template(f"{mark}-report", (EXERCISE.tests / "database.sql").read_text())
    with Database(lease(template), engine=engine) as database:
        database.load(TABLES)
        yield database


@pytest.fixture(scope="module")
def dialect() -> ModuleType:
    spec = importlib.util.spec_from_file_location("dialect", EXERCISE.tests / "port_the_mysql_report_dialect.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("statement", BOTH_TAKE)
def test_both_give_the_same_rows(
    real: MySqlDatabase, translated: Database, dialect: ModuleType, statement: str
) -> None:
    mine, theirs = (
        sorted(database.rows) for database in (real.run(statement), translated.run(dialect.in_postgres(statement)))
    )

    assert mine == theirs


@pytest.mark.parametrize("statement", NEITHER_TAKES)
def test_both_refuse(real: MySqlDatabase, translated: Database, dialect: ModuleType, statement: str) -> None:
    with pytest.raises(AssertionError):
        translated.run(dialect.in_postgres(statement))
    with pytest.raises(SqlRefused):
        real.run(statement)


def verdicts(folders: list[Path]) -> dict[str, Any]:
    with Grader(EXERCISE) as grader:
        reports = {folder.name: grader.grade(*layers_of(EXERCISE, folder), seed=7) for folder in folders}
    return {
        name: {task.id: (task.outcome, task.first_message) for task in report.tasks}
        | {"served": report.engines["mysql"]}
        for name, report in reports.items()
    }


def test_every_report_gets_the_same_verdict_with_and_without_a_mysql(
    server: MySqlServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank = [EXERCISE.reference, *EXERCISE.accepted, *EXERCISE.misconception_folders]
    folders = [folder for folder in bank if (folder / "report.mysql.sql").exists()]

    with_one = verdicts(folders)
    monkeypatch.setenv("MYSQL_URL", NOBODY)
    without = verdicts(folders)

    outcomes = [
        {name: [found[task.id][0] for task in EXERCISE.tasks] for name, found in seen.items()}
        for seen in (with_one, without)
    ]
    assert outcomes[0] == outcomes[1]
    assert {found["served"] for found in with_one.values()} == {server.served}
    assert {found["served"] for found in without.values()} == {"no MySQL"}
    said = without["left-union-all-right"]["cities"][1]
    assert "since no MySQL answers here" in said


def test_where_only_the_real_one_refuses_it_says_so_in_its_own_words(server: MySqlServer, tmp_path: Path) -> None:
    text = (EXERCISE.reference / "report.mysql.sql").read_text()
    (tmp_path / "report.mysql.sql").write_text(text.replace("IS NULL;", "IS NULL AND starts_with('a', 'a');"))

    with Grader(EXERCISE, warm=False) as grader:
        report = grader.grade(*layers_of(EXERCISE, EXERCISE.reference), tmp_path)

    assert report.first_failing_task is not None
    assert f"I ran report.mysql.sql on {server.product}" in report.first_failing_task.first_message
