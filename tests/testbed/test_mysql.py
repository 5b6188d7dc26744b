"""A MySQL or MariaDB, where one answers: found by the environment, leased, and asked as a role that only reads."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from prodev.testbed import MySqlDatabase, SqlRefused, Unavailable, leases, mysql
from prodev.testbed.mysql import MySqlLease, MySqlServer, find_mysql

NOBODY = "mysql://root@127.0.0.1:1/"
TABLES = """
    CREATE TABLE guest (id integer PRIMARY KEY, name varchar(100) NOT NULL);
    CREATE TABLE booking (
        id integer PRIMARY KEY, guest_id integer NOT NULL, check_in date, total decimal(10, 2),
        FOREIGN KEY (guest_id) REFERENCES guest (id)
    )
"""
GUESTS = [{"id": 1, "name": "Ada"}, {"id": 2, "name": "Zoë"}]
STAYS = [{"id": 7, "guest_id": 2, "check_in": date(2026, 3, 2), "total": Decimal("12.50")}]


@pytest.fixture(scope="module")
def server() -> Iterator[MySqlServer]:
    try:
        found = find_mysql(os.environ)
    except Unavailable as none:
        pytest.skip(none.problem)
    yield found
    found.close()


@pytest.fixture
def lease(server: MySqlServer) -> Iterator[MySqlLease]:
    made = server.lease(TABLES)
    yield made
    server.release(made)


@pytest.fixture
def database(lease: MySqlLease) -> Iterator[MySqlDatabase]:
    with MySqlDatabase(MySqlLease.from_json(lease.to_json())) as database:
        yield database


def names_of_ours(server: MySqlServer) -> set[str]:
    found = server._ask("SELECT schema_name FROM information_schema.schemata UNION SELECT user FROM mysql.user")
    return {name for (name,) in found if name.startswith(leases.LEASE_PREFIX)}


@pytest.mark.parametrize("variable", mysql.VARIABLES)
def test_the_one_that_is_named_and_does_not_answer_is_told(variable: str) -> None:
    with pytest.raises(Unavailable, match=r"No MySQL lets us in at 127\.0\.0\.1:1") as told:
        find_mysql({variable: NOBODY})

    assert variable in told.value.remedy


def test_an_address_of_something_else_is_told() -> None:
    with pytest.raises(Unavailable, match="MARIADB_URL is not an address of MySQL"):
        find_mysql({"MARIADB_URL": "postgresql://127.0.0.1/"})


def test_without_servers_there_is_no_mysql() -> None:
    with pytest.raises(Unavailable, match="embedded"):
        find_mysql({"PRODEV_ENGINE": "embedded"})


def test_where_nothing_listens_the_remedy_starts_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(mysql.STANDARD, "port", 1)

    with pytest.raises(Unavailable) as told:
        find_mysql({})

    assert told.value.remedy == mysql.START_MYSQL


def test_one_that_is_too_old_is_told(server: MySqlServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(mysql._OLDEST, server.product, (99, 0))

    with pytest.raises(Unavailable, match=r"is older than 99\.0"):
        find_mysql(os.environ)


def test_the_report_names_product_version_and_place(server: MySqlServer) -> None:
    assert server.served.startswith((f"{server.product} {server.version[0]}.",))
    assert ", server at " in server.served


def test_rows_come_back_as_they_were_stored(database: MySqlDatabase) -> None:
    database.load({"guest": GUESTS, "booking": STAYS})

    answer = database.run("SELECT Name, check_in, total, NULL AS none FROM guest JOIN booking b ON guest_id = guest.id")

    assert answer.columns == ["name", "check_in", "total", "none"]
    assert answer.rows == [("Zoë", date(2026, 3, 2), Decimal("12.50"), None)]


def test_loading_again_replaces_what_was_there(database: MySqlDatabase) -> None:
    database.load({"guest": GUESTS, "booking": STAYS})

    database.load({"guest": GUESTS[:1], "booking": []})

    assert database.run("SELECT id FROM guest").rows == [(1,)]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM guest",
        "DROP TABLE guest",
        "CREATE TABLE mine (id integer)",
        "SELECT * FROM mysql.user",
        "SELECT 1 INTO OUTFILE '/tmp/prodev-never'",
        "SELECT 1; DELETE FROM guest",
        "KILL 1",
    ],
)
def test_a_candidate_only_reads_and_only_here(database: MySqlDatabase, statement: str) -> None:
    database.load({"guest": GUESTS})

    with pytest.raises(SqlRefused):
        database.run(statement)

    assert len(database.run("SELECT id FROM guest").rows) == 2


def test_a_lease_is_no_way_into_another(server: MySqlServer, database: MySqlDatabase) -> None:
    other = server.lease(TABLES)

    with pytest.raises(SqlRefused, match="denied"):
        database.run(f"SELECT * FROM {other.name}.guest")

    server.release(other)


def test_a_refusal_names_the_product_and_none_of_our_names(database: MySqlDatabase) -> None:
    with pytest.raises(SqlRefused) as told:
        database.run("SELECT no_such(1) FROM guest")

    assert str(told.value).startswith(f"{database.product} refused a statement")
    assert leases.LEASE_PREFIX not in str(told.value)
    assert "knows no such function" in told.value.advice


def test_a_missing_join_condition_ends_soon(database: MySqlDatabase) -> None:
    database.load({"guest": [{"id": n, "name": f"Guest {n}"} for n in range(200)]})

    began = time.monotonic()
    with pytest.raises(SqlRefused, match="more than 20,000 rows"):
        database.run("SELECT a.id FROM guest a, guest b, guest c, guest d")

    assert time.monotonic() - began < 5


def test_what_a_session_sets_is_gone_in_the_next(database: MySqlDatabase) -> None:
    database.run("SELECT @seen := 1")

    assert database.run("SELECT @seen").rows == [(None,)]


def test_a_lease_that_was_given_back_leaves_nothing(server: MySqlServer) -> None:
    lease = server.lease(TABLES)
    with MySqlDatabase(lease) as database:
        database.load({"guest": GUESTS})

        server.release(lease)
        server.release(lease)

    assert not {name for name in names_of_ours(server) if name.startswith(lease.name)}


def test_a_lease_that_cannot_be_built_leaves_nothing(server: MySqlServer) -> None:
    before = names_of_ours(server)

    with pytest.raises(Unavailable, match="makes no database for us"):
        server.lease("CREATE TABLE broken (")

    assert names_of_ours(server) - before == set()


def test_a_server_that_was_started_anew_is_met_again(server: MySqlServer) -> None:
    other = find_mysql(os.environ)
    server._ask(f"KILL {other._admin.thread_id()}")

    lease = other.lease(TABLES)

    other.release(lease)
    other.close()


def test_what_a_killed_process_left_is_swept_and_what_somebody_holds_is_not(
    server: MySqlServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = find_mysql(os.environ)
    hour_ago = int(time.time()) - 2 * mysql._ORPHAN_AFTER_S
    with monkeypatch.context() as patch:
        patch.setattr(mysql.time, "time", lambda: hour_ago)
        held, killed = server.lease(), other.lease()
    other.close()  # as a process that is killed closes its connection, and with it its lock
    deadline = time.monotonic() + 5
    while not server._ask("SELECT IS_FREE_LOCK(%s)", killed.name)[0][0] and time.monotonic() < deadline:
        time.sleep(0.01)

    server.release(server.lease())

    left = names_of_ours(server)
    server.release(held)
    assert held.name in left
    assert killed.name not in left
    assert killed.reader not in left
