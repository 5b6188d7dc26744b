"""A judge keeps its session on a database for the next candidate, and nothing of the last one's is in it."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from prodev.testbed import Database, Engine, Lease, Template, Turnover
from prodev.testbed.resting import Resting

Leaser = Callable[[Template], Lease]
TABLE = "CREATE TABLE guest (id serial PRIMARY KEY, name text)"


@pytest.fixture
def leased(engine: Engine, lease: Leaser, mark: str) -> Lease:
    return lease(engine.template(f"{mark}-resting", TABLE))


def load_once(lease: Lease, resting: Resting) -> None:
    with Database(lease, resting=resting) as database:
        database.load({"guest": [{"name": "Ada"}]})


def test_the_next_candidate_is_served_by_the_same_session(leased: Lease) -> None:
    resting = Resting()

    load_once(leased, resting)
    first = resting.pids
    load_once(leased, resting)

    assert resting.pids == first
    assert len(first) == 1
    resting.wake("")


def test_a_session_that_ran_sql_of_a_candidate_is_not_kept(leased: Lease) -> None:
    resting = Resting()

    for ask in (Database.run, Database.explain):
        with Database(leased, resting=resting) as database:
            database.load({"guest": []})
            ask(database, "SELECT 1")

        assert resting.pids == []


def test_a_session_serves_its_own_database_only(engine: Engine, lease: Leaser, leased: Lease, mark: str) -> None:
    resting = Resting()
    other = lease(engine.template(f"{mark}-resting", TABLE))
    load_once(leased, resting)

    load_once(other, resting)

    with Database(other, resting=resting) as database:
        assert database.run("SELECT current_database()").rows == [(other.name,)]
    assert resting.pids == []


def test_a_turnover_spares_what_a_judge_keeps_and_nobody_else(engine: Engine, leased: Lease) -> None:
    turnover, resting = Turnover(engine, leased), Resting()
    load_once(leased, resting)
    stranger = psycopg.connect(leased.url, autocommit=True)

    turnover.kept = resting.pids

    assert turnover.is_as_new()
    with pytest.raises(psycopg.OperationalError):
        stranger.execute("SELECT 1")
    with Database(leased, resting=resting) as database:
        database.load({"guest": []})
        assert [database.lease.name, *resting.pids] == [leased.name]
    assert resting.pids == turnover.kept
    resting.wake("")
    stranger.close()
    turnover.close()


def test_a_turnover_ends_even_what_is_kept_while_it_is_busy(engine: Engine, leased: Lease) -> None:
    turnover = Turnover(engine, leased)
    busy = psycopg.connect(leased.url)
    busy.execute("SELECT 1")

    turnover.kept = [busy.info.backend_pid]

    assert turnover.is_as_new()
    with pytest.raises(psycopg.OperationalError):
        busy.execute("SELECT 1")
    busy.close()
    turnover.close()
