"""Leases: a database of one's own, and nothing of anybody else's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable

import psycopg
import pytest

from prodev.errors import ProDevError
from prodev.testbed import Database, Engine, Lease, Template, leases

Leaser = Callable[[Template], Lease]


def names_like(engine: Engine, start: str) -> list[str]:
    """Return databases and roles whose names start with ``start``."""
    found = engine.admin.execute(
        "SELECT datname FROM pg_database WHERE datname LIKE %(like)s UNION SELECT rolname FROM pg_roles"
        " WHERE rolname LIKE %(like)s",
        {"like": start + "%"},
    )
    return [name for (name,) in found]


def refused_as(lease: Lease, statement: str) -> str:
    """Return the SQLSTATE with which the lease's role is refused ``statement``, "" when it is not."""
    with psycopg.connect(lease.url, autocommit=True) as connection:
        try:
            connection.execute(statement.encode())
        except psycopg.Error as error:
            return error.sqlstate or "?"
    return ""


def test_a_lease_travels_as_json(lease: Leaser, shop: Template) -> None:
    made = lease(shop)

    assert Lease.from_json(json.loads(json.dumps(made.to_json()))) == made


def test_a_lease_holds_what_its_template_holds(lease: Leaser, shop: Template) -> None:
    with psycopg.connect(lease(shop).url) as connection:
        assert connection.execute("SELECT count(*) FROM booking").fetchone() == (2000,)


def test_what_one_lease_changes_no_other_sees(lease: Leaser, shop: Template) -> None:
    one, other = lease(shop), lease(shop)

    with psycopg.connect(one.url) as connection:
        connection.execute("DELETE FROM booking")
    with psycopg.connect(other.url) as connection:
        assert connection.execute("SELECT count(*) FROM booking").fetchone() == (2000,)


def test_the_role_may_change_and_drop_what_the_template_made(lease: Leaser, shop: Template) -> None:
    made = lease(shop)

    refusals = [
        refused_as(made, statement)
        for statement in (
            "ALTER TABLE booking ADD COLUMN note text",
            "CREATE INDEX ON booking (guest_id)",
            "CREATE EXTENSION btree_gist",
            "CREATE SCHEMA reports",
            "DROP TABLE booking",
            "DROP SCHEMA public CASCADE",
            "CREATE SCHEMA public",
        )
    ]

    assert refusals == [""] * 7


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE DATABASE mine",
        "CREATE ROLE accomplice",
        "ALTER ROLE CURRENT_USER SUPERUSER",
        "ALTER ROLE CURRENT_USER CREATEDB",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION postgres",
        "SELECT * FROM pg_authid",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "COPY (SELECT 1) TO '/tmp/out'",
        "CREATE EXTENSION dblink",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres'",
        "SET temp_file_limit = -1",
        "ALTER SYSTEM SET fsync = on",
        "GRANT prodev_candidate TO postgres",
        "ALTER ROLE prodev_candidate LOGIN PASSWORD 'x'",
        "VACUUM pg_authid; SELECT 1/0",
    ],
)
def test_the_role_may_do_nothing_outside_its_database(lease: Leaser, shop: Template, statement: str) -> None:
    assert refused_as(lease(shop), statement) != ""


def test_reset_role_does_not_give_another_role_back(lease: Leaser, shop: Template) -> None:
    made = lease(shop)

    with psycopg.connect(made.url, autocommit=True) as connection:
        connection.execute("RESET ROLE; RESET SESSION AUTHORIZATION; SET ROLE NONE")
        who = connection.execute(
            "SELECT current_user, session_user, usesuper FROM pg_user WHERE usename = current_user"
        )

        assert who.fetchone() == (made.role, made.role, False)


def test_the_role_cannot_drop_its_own_database(engine: Engine, lease: Leaser, shop: Template) -> None:
    mine = lease(shop)
    own = engine.url("postgres", role=mine.role, password=mine.password)
    statement = f'DROP DATABASE "{mine.name}" WITH (FORCE)'.encode()

    with pytest.raises(psycopg.Error), psycopg.connect(own, autocommit=True) as connection:
        connection.execute(statement)

    assert mine.name in names_like(engine, mine.name)


def test_another_lease_lets_nobody_in(engine: Engine, lease: Leaser, shop: Template) -> None:
    mine, other = lease(shop), lease(shop)

    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(engine.url(other.name, role=mine.role, password=mine.password))


def test_a_template_lets_nobody_in(engine: Engine, lease: Leaser, shop: Template) -> None:
    mine = lease(shop)

    with pytest.raises(psycopg.OperationalError, match="not currently accepting connections"):
        psycopg.connect(engine.url(shop.name, role=mine.role, password=mine.password))


def test_the_embedded_server_keeps_candidates_out_of_its_common_databases(
    engine: Engine, lease: Leaser, shop: Template
) -> None:
    if not engine.served.endswith("embedded"):
        pytest.skip("a server of somebody else's is left as it is; there the tap keeps to the lease's database")
    mine = lease(shop)

    for common in ("postgres", "template1"):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(engine.url(common, role=mine.role, password=mine.password))


def test_a_wrong_password_is_refused_by_the_embedded_server(engine: Engine, lease: Leaser, shop: Template) -> None:
    if not engine.served.endswith("embedded"):
        pytest.skip("how a server of somebody else's lets people in is not ours to say")
    mine = lease(shop)

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(engine.url("postgres", role="postgres", password=mine.password))


def test_statements_are_stopped_unless_they_ask_for_longer(lease: Leaser, shop: Template) -> None:
    with psycopg.connect(lease(shop).url) as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == ("10s",)
        assert connection.execute("SHOW timezone").fetchone() == ("UTC",)


def test_rows_sort_the_same_on_every_engine(lease: Leaser, shop: Template) -> None:
    with psycopg.connect(lease(shop).url) as connection:
        found = connection.execute("SELECT name FROM (VALUES ('b'), ('B'), ('a'), ('é')) AS t (name) ORDER BY name")

        assert [name for (name,) in found] == ["B", "a", "b", "é"]
        assert connection.execute("SELECT upper('é')").fetchone() == ("É",)


def test_release_leaves_nothing_even_while_somebody_is_connected(engine: Engine, shop: Template) -> None:
    made = engine.lease(shop)

    connection = psycopg.connect(made.url)
    connection.execute("LOCK TABLE booking")
    engine.release(made)
    connection.close()

    assert names_like(engine, made.name) == []


def test_release_twice_does_no_harm(engine: Engine, shop: Template) -> None:
    made = engine.lease(shop)

    engine.release(made)
    engine.release(made)


def test_only_what_the_testbed_made_can_be_released(engine: Engine) -> None:
    with pytest.raises(ProDevError, match="will not drop it"):
        engine.release(Lease(name="postgres", role="postgres", url="", served="", template=""))


def orphan(engine: Engine, template: Template, *, hours: int) -> str:
    """Leave a lease behind that looks ``hours`` old, as a killed process does."""
    made = engine.lease(template)
    born = leases.made_at(made.name)
    assert born is not None
    old = leases.new_name(leases.LEASE_PREFIX, now=born - hours * 3600)
    engine.admin.execute(f'ALTER DATABASE "{made.name}" RENAME TO "{old}"'.encode())
    engine.admin.execute(f'ALTER ROLE "{made.role}" RENAME TO "{old}"'.encode())
    return old


def test_what_a_killed_process_left_is_swept_after_an_hour(engine: Engine, lease: Leaser, shop: Template) -> None:
    old = orphan(engine, shop, hours=2)

    lease(shop)

    assert names_like(engine, old) == []


def test_a_young_orphan_is_left_alone(engine: Engine, lease: Leaser, shop: Template) -> None:
    young = orphan(engine, shop, hours=0)

    lease(shop)

    assert names_like(engine, young) == [young]
    engine.drop(young)


def test_an_old_lease_that_somebody_is_connected_to_is_left_alone(
    engine: Engine, lease: Leaser, shop: Template
) -> None:
    old = orphan(engine, shop, hours=30)

    with engine.connect(old):
        lease(shop)

    assert names_like(engine, old) == [old]
    engine.drop(old)


def test_an_old_lease_whose_maker_lives_is_left_alone(engine: Engine, lease: Leaser, shop: Template) -> None:
    old = orphan(engine, shop, hours=30)

    with engine.connect() as maker:
        maker.execute("SELECT pg_advisory_lock(%s)", [leases.lock_key(old)])
        lease(shop)
        assert names_like(engine, old) == [old]

    engine.drop(old)


def test_the_maker_of_a_lease_holds_its_lock(engine: Engine, lease: Leaser, shop: Template) -> None:
    made = lease(shop)

    with engine.connect() as other:
        got = other.execute("SELECT pg_try_advisory_lock(%s)", [leases.lock_key(made.name)]).fetchone()

    assert got == (False,)


def test_a_forked_child_makes_leases_of_its_own(engine: Engine, lease: Leaser, shop: Template) -> None:
    before = lease(shop)

    child = os.fork()
    if child == 0:
        status = 1
        try:
            engine.release(engine.lease(shop))
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)

    assert status == 0
    assert engine.admin.execute("SELECT 1").fetchone() == (1,)
    assert before.name in names_like(engine, before.name)


def test_a_lease_made_here_is_used_in_another_process(lease: Leaser, shop: Template) -> None:
    code = """
import json, sys
from prodev.testbed import Database, Lease
with Database(Lease.from_json(json.loads(sys.stdin.read()))) as database:
    print(database.run("SELECT count(*) FROM guest").rows)
"""
    sent = json.dumps(lease(shop).to_json())

    done = subprocess.run([sys.executable, "-c", code], input=sent, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[(20,)]"


def test_reset_in_a_process_that_finds_another_engine_is_refused_in_words(
    lease: Leaser, shop: Template, monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    monkeypatch.setattr("prodev.testbed.postgres.find_engine", lambda environ: engine)
    made = lease(shop)
    elsewhere = Lease.from_json(made.to_json() | {"served": "PostgreSQL 9.6, elsewhere"})

    with pytest.raises(ProDevError, match="the environment leads to"):
        Database(elsewhere).reset()
