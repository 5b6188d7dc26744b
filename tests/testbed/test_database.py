"""The fixture ``database``: rows in, the candidate's SQL run, and everything put back."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from prodev.errors import ProDevError
from prodev.testbed import Database, Engine, Lease, SqlRefused, Template, answer

GUESTS = [{"id": n, "name": f"guest {n}"} for n in range(1, 4)]


def count(database: Database, table: str) -> int:
    """Count the rows of ``table``."""
    return int(database.run(f"SELECT count(*) FROM {table}").rows[0][0])


class TestLoad:
    def test_rows_replace_what_was_there(self, database: Database) -> None:
        database.load({"guest": GUESTS, "booking": [{"guest_id": 1, "nights": 2, "total": Decimal("9.50")}]})

        assert count(database, "guest") == 3
        assert database.run("SELECT id, guest_id, nights, total FROM booking").rows == [(1, 1, 2, Decimal("9.50"))]

    def test_sequences_go_on_after_the_largest_value(self, database: Database) -> None:
        database.load({"guest": [{"id": 70, "name": "a"}], "booking": []})

        given = database.run("INSERT INTO guest (name) VALUES ('b') RETURNING id").rows
        assert given == [(71,)]

    def test_sequences_restart_for_rows_without_a_key(self, database: Database) -> None:
        for _ in range(2):
            database.load({"guest": [{"name": "a"}, {"name": "b"}]})

        assert database.run("SELECT id FROM guest ORDER BY id").rows == [(1,), (2,)]

    def test_five_thousand_rows_are_loaded_and_counted_by_the_planner(self, database: Database) -> None:
        database.load({"guest": [{"id": n, "name": f"g{n}"} for n in range(5000)]})

        assert database.run("SELECT reltuples::int FROM pg_class WHERE relname = 'guest'").rows == [(5000,)]

    def test_rows_of_one_table_may_name_different_columns(self, database: Database) -> None:
        database.load({"guest": [{"id": 5, "name": "a"}, {"name": "b"}]})

        assert database.run("SELECT name FROM guest ORDER BY name").rows == [("a",), ("b",)]

    def test_every_kind_of_value_arrives(self, empty: Database) -> None:
        empty.run("CREATE TABLE t (a jsonb, b int[], c date, d boolean, e bytea, f text)", commit=True)
        day = dt.date(2026, 2, 3)

        empty.load({"t": [{"a": {"x": [1]}, "b": [1, 2], "c": day, "d": True, "e": b"\x00\xff", "f": None}]})

        assert empty.run("SELECT * FROM t").rows == [({"x": [1]}, [1, 2], day, True, b"\x00\xff", None)]

    def test_a_table_in_a_schema_and_odd_names_are_found(self, empty: Database) -> None:
        empty.run('CREATE SCHEMA s; CREATE TABLE s."Odd Name" ("a b" serial, c int)', commit=True)

        empty.load({"s.Odd Name": [{"a b": 4, "c": 1}]})

        assert empty.run('INSERT INTO s."Odd Name" (c) VALUES (2) RETURNING "a b"').rows == [(5,)]

    def test_tables_that_will_not_take_the_rows_are_the_candidates_failure(self, empty: Database) -> None:
        empty.run("CREATE TABLE guest (id int, full_name text)", commit=True)

        with pytest.raises(SqlRefused, match=r'column "name" of relation "guest" does not exist .*loading') as refused:
            empty.load({"guest": GUESTS})

        assert refused.value.sqlstate == "42703"

    def test_a_trigger_of_the_candidates_runs_as_the_candidate(self, empty: Database) -> None:
        empty.run(
            """
            CREATE TABLE t (id int, who text);
            CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN NEW.who = current_user || ' ' || session_user; RETURN NEW; END $$;
            CREATE TRIGGER note BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION note();
            """,
            commit=True,
        )

        empty.load({"t": [{"id": 1}]})

        assert empty.run("SELECT who FROM t").rows == [(f"{empty.lease.role} {empty.lease.role}",)]


class TestRun:
    def test_the_last_result_is_returned(self, shared: Database) -> None:
        result = shared.run("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2); SELECT a, a * 2 AS b FROM t;")

        assert result.columns == ["a", "b"]
        assert result.rows == [(1, 2), (2, 4)]

    def test_the_result_before_statements_without_rows_is_kept(self, shared: Database) -> None:
        assert shared.run("SELECT 7; SET work_mem = '1MB'").rows == [(7,)]

    def test_text_without_rows_returns_none(self, shared: Database) -> None:
        result = shared.run("DELETE FROM booking")

        assert (result.columns, result.rows) == ([], [])

    def test_what_it_does_is_rolled_back(self, shared: Database) -> None:
        assert shared.run("DELETE FROM booking; SELECT count(*) FROM booking").rows == [(0,)]
        assert count(shared, "booking") == 2000

    def test_commit_keeps_it(self, database: Database) -> None:
        database.run("DELETE FROM booking; DELETE FROM guest WHERE id = 1", commit=True)

        assert count(database, "booking") == 0

    def test_an_error_keeps_nothing_even_with_commit(self, database: Database) -> None:
        with pytest.raises(SqlRefused):
            database.run("DELETE FROM booking; SELECT 1 / 0", commit=True)

        assert count(database, "booking") == 2000

    @pytest.mark.parametrize(
        "text",
        [
            "DELETE FROM booking; COMMIT",
            "BEGIN; DELETE FROM booking; COMMIT; SELECT 1",
            "START TRANSACTION ISOLATION LEVEL SERIALIZABLE; DELETE FROM booking; END",
            "COMMIT; BEGIN; DELETE FROM booking; COMMIT AND CHAIN; DELETE FROM guest; COMMIT",
            "DO $$ BEGIN DELETE FROM booking; END $$; COMMIT WORK; COMMIT",
            "/* x */ ROLLBACK; DELETE FROM booking; -- y\n COMMIT;",
        ],
    )
    def test_a_commit_in_the_text_does_not_outlive_it(self, shared: Database, text: str) -> None:
        shared.run(text)

        assert count(shared, "booking") == 2000

    def test_a_rollback_in_the_text_undoes_what_it_should(self, shared: Database) -> None:
        text = "{} DELETE FROM booking; ROLLBACK; SELECT count(*) FROM booking"

        assert shared.run(text.format("BEGIN;")).rows == [(2000,)]
        assert shared.run(text.format("SELECT 1; BEGIN;")).rows == [(2000,)]
        assert shared.run("BEGIN; DELETE FROM booking; COMMIT; SELECT count(*) FROM booking").rows == [(0,)]

    def test_savepoints_in_the_text_work(self, shared: Database) -> None:
        text = """
            BEGIN; DELETE FROM booking WHERE id = 1; SAVEPOINT a; DELETE FROM booking; ROLLBACK TO a; COMMIT;
            SELECT count(*) FROM booking
        """

        assert shared.run(text).rows == [(1999,)]

    def test_a_transaction_of_the_texts_own_asks_for_its_isolation_level(self, shared: Database) -> None:
        text = "BEGIN ISOLATION LEVEL REPEATABLE READ; SHOW transaction_isolation"

        assert shared.run(text).rows == [("repeatable read",)]

    def test_a_deferred_constraint_is_checked_although_nothing_is_committed(self, empty: Database) -> None:
        empty.run(
            "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (a int REFERENCES a DEFERRABLE INITIALLY DEFERRED)",
            commit=True,
        )

        with pytest.raises(SqlRefused) as refused:
            empty.run("INSERT INTO b VALUES (1)")

        assert refused.value.sqlstate == "23503"

    def test_with_commit_a_text_has_transactions_of_its_own(self, database: Database) -> None:
        with pytest.raises(SqlRefused):
            database.run("BEGIN; DELETE FROM booking; COMMIT; SELECT 1 / 0", commit=True)

        assert count(database, "booking") == 0

    def test_with_commit_one_statement_may_be_one_that_takes_no_transaction(self, database: Database) -> None:
        database.run("CREATE INDEX CONCURRENTLY late ON booking (guest_id)", commit=True)
        database.run("VACUUM booking;", commit=True)

        assert database.run("SELECT 1 FROM pg_indexes WHERE indexname = 'late'").rows == [(1,)]

    def test_parameters_stand_where_their_names_do(self, shared: Database) -> None:
        result = shared.run(
            "SELECT :day::date, ':day', :name || '', (array[1, 2, 3])[:low : :high] -- :day\n",
            day=dt.date(2026, 1, 2), name="it's :low", low=2, high=3,
        )  # fmt: skip

        assert result.rows == [(dt.date(2026, 1, 2), ":day", "it's :low", [2, 3])]

    def test_a_parameter_cannot_break_out(self, shared: Database) -> None:
        assert shared.run("SELECT :a", a="'; DROP TABLE booking; --").rows == [("'; DROP TABLE booking; --",)]

    def test_a_name_without_a_value_is_refused_in_words(self, shared: Database) -> None:
        with pytest.raises(SqlRefused, match="No value is given under that name"):
            shared.run("SELECT * FROM booking WHERE id = :identifier", id=3)

    def test_percent_signs_are_left_alone(self, shared: Database) -> None:
        assert shared.run("SELECT 7 % 4, 'a' LIKE '%s' WHERE 'x' LIKE :p", p="%").rows == [(3, False)]

    def test_nothing_of_a_session_reaches_the_next_run(self, database: Database) -> None:
        database.run("SET search_path = nowhere; CREATE TEMP TABLE guest (x int); PREPARE q AS SELECT 1", commit=True)

        assert count(database, "guest") == 20
        with pytest.raises(SqlRefused):
            database.run("EXECUTE q")

    def test_a_session_that_ends_itself_is_replaced(self, shared: Database) -> None:
        with pytest.raises(SqlRefused):
            shared.run("SELECT pg_terminate_backend(pg_backend_pid())")

        assert count(shared, "guest") == 20

    def test_too_many_rows_are_refused(self, shared: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(answer, "MOST_ROWS", 1000)

        with pytest.raises(SqlRefused, match="more than 1,000 rows"):
            shared.run("SELECT a FROM booking AS a, booking AS b")

        assert count(shared, "guest") == 20

    def test_the_servers_clock_stops_a_statement(self, shared: Database) -> None:
        with pytest.raises(SqlRefused, match="took too long") as refused:
            shared.run("SET statement_timeout = '50ms'; SELECT pg_sleep(30)")

        assert refused.value.sqlstate == "57014"

    def test_the_judges_clock_stops_a_text_that_lifts_the_servers(
        self, shared: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(answer, "PATIENCE_S", 0.3)

        with pytest.raises(SqlRefused, match="took too long"):
            shared.run("SET statement_timeout = 0; SELECT pg_sleep(30)")

        assert count(shared, "guest") == 20


class TestExplain:
    def test_a_plan_tells_its_scans_indexes_and_counts(self, shared: Database) -> None:
        plan = shared.explain("SELECT * FROM booking WHERE id = :id", id=7)

        assert plan.scans("booking") == ["Index Scan"]
        assert plan.indexes_used() == ["booking_pkey"]
        assert plan.relations() == ["booking"]
        assert (plan.rows, plan.rows_removed) == (1, 0)
        assert 0 < plan.buffers < 10

    def test_rows_read_in_vain_are_counted(self, shared: Database) -> None:
        plan = shared.explain("SELECT * FROM booking WHERE guest_id = 3")

        assert plan.scans("booking") == ["Seq Scan"]
        assert (plan.rows, plan.rows_removed) == (100, 1900)

    def test_the_first_plan_of_a_session_counts_like_the_next(self, shared: Database) -> None:
        text = "SELECT guest_id, avg(total) FROM booking GROUP BY 1 ORDER BY 2 LIMIT 3"

        assert shared.explain(text).buffers == shared.explain(text).buffers

    def test_nodes_come_parents_first(self, shared: Database) -> None:
        plan = shared.explain("SELECT count(*) FROM booking JOIN guest ON guest.id = guest_id")

        kinds = [node["Node Type"] for node in plan.nodes()]
        assert kinds[0] == "Aggregate"
        assert set(plan.relations()) == {"booking", "guest"}
        assert plan.raw["Plan"] is plan.root

    def test_no_milliseconds_are_told(self, shared: Database) -> None:
        plan = shared.explain("SELECT 1")

        assert not any("Time" in key for node in plan.nodes() for key in node)
        assert "Execution Time" not in plan.raw

    def test_what_it_changes_is_rolled_back(self, shared: Database) -> None:
        plan = shared.explain("DELETE FROM booking WHERE id = 1")

        assert plan.root["Node Type"] == "ModifyTable"
        assert count(shared, "booking") == 2000

    @pytest.mark.parametrize("text", ["SELECT 1; DELETE FROM booking", "EXPLAIN SELECT 1", "", "-- nothing"])
    def test_only_one_bare_query_has_a_plan(self, shared: Database, text: str) -> None:
        with pytest.raises(SqlRefused, match="cannot be run"):
            shared.explain(text)

        assert count(shared, "booking") == 2000

    def test_an_error_points_into_the_learners_text(self, shared: Database) -> None:
        with pytest.raises(SqlRefused) as refused:
            shared.explain("SELECT *\nFROM bookings WHERE id = :id", id=123456)

        assert (refused.value.line, refused.value.column) == (2, 6)


class TestReset:
    def test_rows_and_tables_come_back(self, database: Database) -> None:
        database.run("DROP TABLE booking; DELETE FROM guest; CREATE TABLE extra (id int)", commit=True)

        database.reset()

        assert (count(database, "booking"), count(database, "guest")) == (2000, 20)
        with pytest.raises(SqlRefused):
            count(database, "extra")

    def test_an_empty_database_is_emptied_of_everything(self, empty: Database) -> None:
        empty.run(
            """
            CREATE TABLE t (id serial PRIMARY KEY); CREATE SCHEMA s; CREATE VIEW s.v AS SELECT * FROM t;
            CREATE EXTENSION btree_gist; CREATE TYPE mood AS ENUM ('good');
            CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
            ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC;
            REVOKE ALL ON SCHEMA public FROM PUBLIC;
            """,
            commit=True,
        )

        empty.reset()

        left = empty.run(
            """
            SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
            UNION ALL SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'public'
            UNION ALL SELECT extname FROM pg_extension UNION ALL SELECT 'default' FROM pg_default_acl
            UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            """
        )
        assert sorted(name for (name,) in left.rows) == ["information_schema", "plpgsql"]

    @pytest.mark.parametrize(
        "mischief",
        [
            "DROP SCHEMA public CASCADE",
            "CREATE SCHEMA hidden; GRANT ALL ON SCHEMA hidden TO prodev_candidate; SET ROLE prodev_candidate;"
            "CREATE TABLE hidden.t (id int)",
            "SELECT lo_create(4711)",
            "SET ROLE prodev_candidate; SELECT lo_create(4711)",
        ],
    )
    def test_what_is_hidden_elsewhere_goes_as_well(self, empty: Database, mischief: str) -> None:
        empty.run(mischief, commit=True)

        empty.reset()

        assert empty.run("SELECT nspname FROM pg_namespace WHERE nspname IN ('public', 'hidden')").rows == [("public",)]
        assert empty.run("SELECT count(*) FROM pg_largeobject_metadata").rows == [(0,)]
        empty.run("CREATE TABLE t (id int)", commit=True)

    def test_settings_and_password_of_the_role_come_back(self, database: Database) -> None:
        database.run(
            "ALTER ROLE CURRENT_USER SET statement_timeout = 0; ALTER ROLE CURRENT_USER SET search_path = nowhere;"
            "ALTER ROLE CURRENT_USER PASSWORD 'mine'",
            commit=True,
        )

        database.reset()

        with database.connect() as connection:
            assert connection.execute("SHOW statement_timeout").fetchone() == ("10s",)
            assert connection.execute("SHOW search_path").fetchone() == ('"$user", public',)

    def test_it_does_not_wait_for_locks_that_a_candidate_holds(self, database: Database) -> None:
        with psycopg.connect(database.lease.url) as candidate:
            candidate.execute("LOCK TABLE booking")
            database.reset()
            candidate.close()

        assert count(database, "booking") == 2000

    def test_another_process_resets_with_the_engine_that_its_environment_leads_to(
        self, database: Database, cache: Path
    ) -> None:
        code = """
import json, sys
from prodev.testbed import Database, Lease
with Database(Lease.from_json(json.loads(sys.stdin.read()))) as database:
    database.run("DROP TABLE booking", commit=True)
    database.reset()
"""
        road = "embedded" if database.served.endswith("embedded") else "server"
        environment = os.environ | {"PRODEV_ENGINE": road, "XDG_CACHE_HOME": str(cache)}

        subprocess.run(
            [sys.executable, "-c", code], input=json.dumps(database.lease.to_json()), env=environment, text=True,
            check=True,
        )  # fmt: skip

        assert count(database, "booking") == 2000


class TestConnect:
    def test_it_is_a_plain_connection_of_the_candidates_role(self, database: Database) -> None:
        cursor = database.connect().cursor()

        cursor.execute("SELECT current_user, %s", ["x"])

        assert cursor.fetchone() == (database.lease.role, "x")

    def test_connections_are_closed_with_the_fixture(self, lease: Callable[[Template], Lease], shop: Template) -> None:
        with Database(lease(shop)) as database:
            connections = [database.connect(), database.connect(autocommit=True)]

        assert [connection.closed for connection in connections] == [True, True]
        assert connections[1].autocommit

    def test_two_connections_see_each_others_locks(self, database: Database) -> None:
        one, other = database.connect(), database.connect()
        one.execute("SELECT FROM booking WHERE id = 1 FOR UPDATE")

        with pytest.raises(psycopg.errors.LockNotAvailable):
            other.execute("SELECT FROM booking WHERE id = 1 FOR UPDATE NOWAIT")

    def test_a_role_that_locked_itself_out_earns_nothing(self, database: Database) -> None:
        if not database.served.endswith("embedded"):
            pytest.skip("this server may let everyone in without a password")
        database.run("ALTER ROLE CURRENT_USER PASSWORD 'mine'", commit=True)

        with pytest.raises(ProDevError, match="does not answer"):
            database.connect()

    def test_connections_that_a_candidate_never_closes_are_its_failure(self, database: Database) -> None:
        held = [psycopg.connect(database.lease.url) for _ in range(40)]

        with pytest.raises(SqlRefused, match="Close each connection after use"):
            database.run("SELECT 1")

        for each in held:
            each.close()

    def test_a_database_that_is_gone_is_nobodys_failure(
        self, engine: Engine, lease: Callable[[Template], Lease], shop: Template
    ) -> None:
        made = lease(shop)
        engine.release(made)

        with pytest.raises(ProDevError, match="does not answer"):
            Database(made).connect()
