"""A database that has served one candidate serves the next only as it was made."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import psycopg
import pytest

from prodev.testbed import Engine, Lease, Template, Turnover

Leaser = Callable[[Template], Lease]
SMALL = """
    CREATE TABLE guest (id serial PRIMARY KEY, name text);
    CREATE TABLE stay (id serial PRIMARY KEY, guest_id int REFERENCES guest DEFERRABLE INITIALLY DEFERRED);
    CREATE TABLE country (code text PRIMARY KEY);
    INSERT INTO country VALUES ('PT'), ('NO');
"""


@pytest.fixture
def turnover(engine: Engine, lease: Leaser, mark: str) -> Iterator[Turnover]:
    """A database that nobody has used yet: two countries, no guests, no stays."""
    made = Turnover(engine, lease(engine.template(f"{mark}-small", SMALL)))
    yield made
    made.close()


def as_candidate(turnover: Turnover, *statements: str) -> None:
    with psycopg.connect(turnover.lease.url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param(["INSERT INTO guest (name) VALUES ('Ada')", "INSERT INTO stay (guest_id) VALUES (1)"], id="rows"),
        pytest.param(["SELECT setval('guest_id_seq', 500)"], id="sequence"),
        pytest.param(["BEGIN", "CREATE TABLE left_over ()", "ROLLBACK"], id="table that was taken back"),
        pytest.param(["INSERT INTO guest (name) VALUES ('Ada')", "TRUNCATE guest CASCADE"], id="emptied"),
        pytest.param(["INSERT INTO guest (name) VALUES ('Ada')", "ANALYZE"], id="statistics"),
    ],
)
def test_rows_are_taken_away(turnover: Turnover, statements: list[str]) -> None:
    as_candidate(turnover, *statements)

    assert turnover.is_as_new()
    with psycopg.connect(turnover.lease.url) as connection:
        counts = "SELECT (SELECT count(*) FROM guest), (SELECT count(*) FROM stay), (SELECT count(*) FROM country)"
        assert connection.execute(counts).fetchone() == (0, 0, 2)
        assert connection.execute("INSERT INTO guest DEFAULT VALUES RETURNING id").fetchone() == (1,)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE left_over ()",
        "CREATE TEMPORARY TABLE left_over ()",
        "CREATE VIEW left_over AS SELECT 1",
        "SELECT 1 INTO left_over",
        "CREATE SCHEMA left_over",
        "DO $$ BEGIN EXECUTE 'CREATE TABLE left_over ()'; END $$",
        "CREATE FUNCTION left_over() RETURNS int LANGUAGE sql RETURN 1",
        "CREATE RULE left_over AS ON INSERT TO guest DO INSTEAD NOTHING",
        "ALTER TABLE guest ADD COLUMN left_over int",
        "ALTER TABLE guest ALTER COLUMN name SET DEFAULT 'Eve'",
        "ALTER TABLE guest DISABLE TRIGGER USER",
        "ALTER TABLE stay DROP CONSTRAINT stay_guest_id_fkey",
        "ALTER SEQUENCE guest_id_seq INCREMENT BY 2",
        "DROP TABLE guest CASCADE",
        "DROP SCHEMA public CASCADE",
        "GRANT SELECT ON guest TO PUBLIC",
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC",
        "COMMENT ON TABLE guest IS 'left over'",
        "CREATE STATISTICS ON id, name FROM guest",
        "SELECT lo_create(0)",
        "DELETE FROM country",
        "UPDATE country SET code = 'ES' WHERE code = 'PT'",
        "ALTER ROLE CURRENT_USER PASSWORD 'left over'",
        "ALTER ROLE CURRENT_USER SET search_path = left_over, public",
        "ALTER ROLE CURRENT_USER RESET ALL",
    ],
)
def test_anything_else_costs_the_database(turnover: Turnover, statement: str) -> None:
    if statement.startswith("CREATE STATISTICS"):
        statement = statement.replace("STATISTICS", "STATISTICS left_over")  # older servers want a name
    as_candidate(turnover, statement)

    assert not turnover.is_as_new()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM prodev_guard.noted",
        "DROP EVENT TRIGGER prodev_guard_end",
        "ALTER EVENT TRIGGER prodev_guard_end DISABLE",
        "DROP FUNCTION prodev_guard.note() CASCADE",
        "DROP SCHEMA prodev_guard CASCADE",
        "SET session_replication_role = replica",
    ],
)
def test_nobody_stops_the_guard(turnover: Turnover, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_candidate(turnover, statement)

    as_candidate(turnover, "CREATE TABLE left_over ()")
    assert not turnover.is_as_new()


def test_what_still_runs_is_ended_first(turnover: Turnover) -> None:
    running = psycopg.connect(turnover.lease.url, autocommit=True)
    ended: list[psycopg.Error] = []

    def run() -> None:
        try:
            running.execute("SELECT pg_sleep(8); CREATE TABLE left_over ()")
        except psycopg.Error as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    while running.info.transaction_status != psycopg.pq.TransactionStatus.ACTIVE:
        pass

    assert turnover.is_as_new()
    thread.join()
    assert len(ended) == 1
    running.close()


def test_a_database_that_begins_with_many_rows_is_left_alone(engine: Engine, lease: Leaser, shop: Template) -> None:
    turnover = Turnover(engine, lease(shop))

    assert not turnover.is_possible
    turnover.close()
