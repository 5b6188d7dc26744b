"""The tap: everything that a candidate has executed is on record, and nothing gets round it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from prodev.testbed import Database, Engine, Lease, Template, login, tap
from prodev.testbed.querylog import Executed
from prodev.testbed.wire import Conversation, WireError

Client = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def client(shared: Database) -> Iterator[Client]:
    """A candidate's connection, through the tap."""
    with psycopg.connect(shared.url, autocommit=True) as connection:
        yield connection


def sessions(database: Database) -> int:
    """Count the server's sessions on the lease, without the one that asks."""
    text = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    return int(database.run(text).rows[0][0])


class TestCounting:
    def test_every_statement_is_logged_with_its_text(self, shared: Database, client: Client) -> None:
        with shared.statements() as log:
            client.execute("SELECT name FROM guest WHERE id = %s", [3]).fetchall()
            client.execute("SELECT 2")

        assert log.texts == ["SELECT name FROM guest WHERE id = $1", "SELECT 2"]
        assert (log.count, len(log)) == (2, 2)

    def test_it_is_on_record_when_the_client_has_its_answer(self, shared: Database, client: Client) -> None:
        with shared.statements() as log:
            for expected in range(1, 200):
                client.execute("SELECT 1")
                assert len(log) == expected

    def test_only_the_time_of_the_block_is_logged(self, shared: Database, client: Client) -> None:
        client.execute("SELECT 'before'")
        with shared.statements() as log:
            client.execute("SELECT 'within'")
        client.execute("SELECT 'after'")

        assert log.texts == ["SELECT 'within'"]

    @pytest.mark.skipif(not hasattr(socket, "SO_PEERCRED"), reason="this kernel does not tell who connected")
    def test_what_an_overlooked_process_asks_is_passed_on_and_not_logged(
        self, engine: Engine, shared: Database
    ) -> None:
        overlooked = [os.getpid()]
        with (
            Database(shared.lease, engine=engine, overlook=overlooked.__contains__) as database,
            psycopg.connect(database.url, autocommit=True) as ours,
            database.statements() as log,
        ):
            assert ours.execute("SELECT 1").fetchone() == (1,)
            overlooked.clear()
            ours.execute("SELECT 2")

        assert log.texts == ["SELECT 2"]

    def test_logs_may_lie_one_within_another(self, shared: Database, client: Client) -> None:
        with shared.statements() as outer:
            client.execute("SELECT 1")
            with shared.statements() as inner:
                client.execute("SELECT 2")

        assert (len(outer), len(inner)) == (2, 1)

    def test_chatter_stands_apart(self, shared: Database, client: Client) -> None:
        with shared.statements() as log, client.transaction():
            client.execute("SET LOCAL work_mem = '1MB'")
            client.execute("SELECT 1")

        assert log.texts == ["SELECT 1"]
        assert log.chatter == ["BEGIN", "SET LOCAL work_mem = '1MB'", "COMMIT"]

    def test_several_statements_in_one_message_count_each(self, shared: Database, client: Client) -> None:
        with shared.statements() as log:
            client.execute("SELECT 1; SELECT 2, 3; SET a.b = 'x'; -- and\n DELETE FROM booking WHERE id < 0")

        assert log.texts == ["SELECT 1", "SELECT 2, 3", "DELETE FROM booking WHERE id < 0"]
        assert log.columns == [1, 2, 0]

    def test_a_prepared_statement_counts_each_time_it_runs(self, shared: Database, client: Client) -> None:
        with shared.statements() as log:
            for n in range(5):
                client.execute("SELECT id, name FROM guest WHERE id = %s", [n], prepare=True).fetchall()

        assert log.repeated() == [("select id, name from guest where id = ?", 5)]
        assert log.columns == [2] * 5

    def test_a_pipeline_hides_nothing(self, shared: Database, client: Client) -> None:
        with shared.statements() as log, client.pipeline():
            for n in range(3):
                client.execute("UPDATE booking SET nights = 2 WHERE id = %s", [-n])

        assert len(log) == 3

    def test_columns_and_rows_tell_what_came_back(self, shared: Database, client: Client) -> None:
        with shared.statements() as log:
            client.execute("SELECT * FROM booking").fetchall()
            client.execute("SELECT id FROM booking WHERE false").fetchall()
            client.execute("UPDATE booking SET nights = 3 WHERE id < 0")

        assert log.columns == [4, 1, 0]
        assert log.rows == [2000, 0, 0]

    def test_a_server_side_cursor_counts_each_fetch(self, shared: Database, client: Client) -> None:
        with shared.statements() as log, client.transaction(), client.cursor("mine") as cursor:
            cursor.execute("SELECT id FROM booking")
            cursor.fetchmany(10)
            cursor.fetchmany(10)

        assert [text.split()[0] for text in log.texts] == ["DECLARE", "FETCH", "FETCH", "CLOSE"]
        assert log.rows == [0, 10, 10, 0]

    def test_a_refused_statement_counts_and_the_next_is_told_apart(self, shared: Database, client: Client) -> None:
        with shared.statements() as log:
            with pytest.raises(psycopg.errors.DivisionByZero):
                client.execute("SELECT 1 / %s", [0])
            client.execute("SELECT 1, 2").fetchall()

        assert [each.refused for each in log] == [True, False]
        assert log.columns[-1] == 2

    def test_large_messages_pass_both_ways(self, shared: Database, client: Client) -> None:
        large = "x" * 5_000_000

        with shared.statements() as log:
            row = client.execute("SELECT %s::text, length(%s)", [large, large]).fetchone()

        assert row == (large, 5_000_000)
        assert log.rows == [1]

    def test_a_copy_of_many_rows_is_one_statement(self, shared: Database, client: Client) -> None:
        client.execute("CREATE TEMP TABLE heap (name text)")

        with shared.statements() as log, client.cursor() as cursor:
            with cursor.copy("COPY heap FROM STDIN") as copy:
                for n in range(20_000):
                    copy.write_row([f"Query {n}"])
            client.execute("SELECT 1")

        assert [text.split()[0] for text in log.texts] == ["COPY", "SELECT"]

    def test_a_very_long_text_is_cut_and_counted(self, shared: Database, client: Client) -> None:
        with shared.statements() as log:
            client.execute("SELECT length('" + "x" * 200_000 + "')")

        assert len(log) == 1
        assert len(log.texts[0]) <= 16 * 1024

    def test_several_connections_count_together(self, shared: Database) -> None:
        def work() -> None:
            with psycopg.connect(shared.url, autocommit=True) as connection:
                for _ in range(20):
                    connection.execute("SELECT 1")

        threads = [threading.Thread(target=work) for _ in range(5)]
        with shared.statements() as log:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        assert len(log) == 100

    def test_our_own_connections_are_not_logged(self, shared: Database) -> None:
        with shared.statements() as log:
            shared.run("SELECT 1")
            shared.connect().execute("SELECT 2")

        assert len(log) == 0


class TestDoor:
    def test_another_database_is_refused(self, shared: Database) -> None:
        elsewhere = shared.url.replace(f"/{shared.lease.name}?", "/postgres?")

        with pytest.raises(psycopg.OperationalError, match="leads to the database prodev_l_"):
            psycopg.connect(elsewhere)

    def test_another_role_is_refused(self, shared: Database) -> None:
        with pytest.raises(psycopg.OperationalError, match="leads to the database prodev_l_"):
            psycopg.connect(shared.url, user="postgres")

    def test_another_password_is_refused(self, shared: Database) -> None:
        with pytest.raises(psycopg.OperationalError, match="password is not the one in DATABASE_URL"):
            psycopg.connect(shared.url, password="guess")

    def test_its_password_opens_no_other_door(self, shared: Database) -> None:
        if not shared.served.endswith("embedded"):
            pytest.skip("this server may let everyone in without a password")
        tapped = psycopg.conninfo.conninfo_to_dict(shared.url)["password"]

        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(shared.lease.url, password=str(tapped))

    def test_encryption_is_declined_and_the_session_goes_on(self, shared: Database) -> None:
        path = psycopg.conninfo.conninfo_to_dict(shared.url)["host"]
        with socket.socket(socket.AF_UNIX) as raw:
            raw.connect(f"{path}/.s.PGSQL.5432")
            for code in (80877103, 80877104):
                raw.sendall(struct.pack("!ii", 8, code))
                assert raw.recv(10) == b"N"

    def test_a_query_can_be_cancelled(self, shared: Database, client: Client) -> None:
        threading.Timer(0.2, client.cancel_safe).start()

        with pytest.raises(psycopg.errors.QueryCanceled):
            client.execute("SELECT pg_sleep(30)")

    @pytest.mark.parametrize(
        "noise", [b"", b"GET / HTTP/1.1\r\n\r\n", b"\0\0\0\x08", b"\xff" * 100, struct.pack("!ii", 9, 196608)]
    )
    def test_noise_at_the_door_hurts_nobody(self, shared: Database, noise: bytes) -> None:
        path = psycopg.conninfo.conninfo_to_dict(shared.url)["host"]
        with socket.socket(socket.AF_UNIX) as raw:
            raw.connect(f"{path}/.s.PGSQL.5432")
            raw.sendall(noise)

        with psycopg.connect(shared.url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)

    def test_a_crowd_at_the_door_is_turned_away(self, shared: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tap, "_MOST_OPEN", 3)
        path = psycopg.conninfo.conninfo_to_dict(shared.url)["host"]
        with contextlib.ExitStack() as crowd:
            for _ in range(8):
                last = crowd.enter_context(socket.socket(socket.AF_UNIX))
                last.connect(f"{path}/.s.PGSQL.5432")

            last.settimeout(10)
            assert last.recv(1) == b""

    def test_a_message_that_claims_nonsense_ends_its_connection_alone(self, shared: Database, client: Client) -> None:
        with psycopg.connect(shared.url, autocommit=True) as rogue:
            os.write(rogue.fileno(), b"Q\0\0\0\x01garbage")
            with pytest.raises(psycopg.OperationalError):
                rogue.execute("SELECT 1")

        assert client.execute("SELECT 1").fetchone() == (1,)

    def test_it_listens_on_loopback_where_a_socket_has_no_place(
        self, lease: Callable[[Template], Lease], shop: Template, tmp_path: Path
    ) -> None:
        deep = tmp_path / ("d" * 100)
        deep.mkdir()

        with Database(lease(shop), tap_folder=deep) as database, database.statements() as log:
            with psycopg.connect(database.url) as connection:
                connection.execute("SELECT 1")

            assert "@127.0.0.1:" in database.url
        assert len(log) == 1


class TestEnds:
    def test_a_client_killed_in_the_middle_of_a_message_leaves_nothing(self, database: Database) -> None:
        code = """
import os, sys, psycopg
connection = psycopg.connect(sys.argv[1])
connection.execute("LOCK TABLE booking")
os.write(connection.fileno(), b"Q\\0\\0\\xff\\xffSELECT 1")
print("ready", flush=True)
os.read(0, 1)
"""
        url = database.url
        with subprocess.Popen(
            [sys.executable, "-c", code, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as candidate:
            assert candidate.stdout is not None
            candidate.stdout.readline()
            candidate.send_signal(signal.SIGKILL)

        deadline = time.monotonic() + 10
        while sessions(database) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert sessions(database) == 0
        assert database.run("SELECT count(*) FROM booking").rows == [(2000,)]

    def test_closing_cuts_whoever_is_connected_and_leaves_no_file(
        self, lease: Callable[[Template], Lease], shop: Template
    ) -> None:
        with Database(lease(shop)) as database:
            folder = str(psycopg.conninfo.conninfo_to_dict(database.url)["host"])
            client = psycopg.connect(database.url)

        with pytest.raises(psycopg.OperationalError):
            client.execute("SELECT 1")
        client.close()
        assert not Path(folder).exists()

    @pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="there is no /proc to count open files in")
    def test_a_forked_child_holds_no_session_of_the_taps(self, shared: Database, client: Client) -> None:
        client.execute("SELECT 1")
        tap = shared._tapped()
        held = {each.fileno() for each in tap._open}

        child = os.fork()
        if child == 0:
            os._exit(sum(Path(f"/proc/self/fd/{number}").exists() for number in held))
        _, status = os.waitpid(child, 0)

        assert len(held) >= 2, "the client's end and the server's; one that another test has left may end late"
        assert os.waitstatus_to_exitcode(status) == 0
        assert client.execute("SELECT 1").fetchone() == (1,)


class TestWire:
    """The protocol in pieces of any size."""

    @staticmethod
    def message(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("!i", len(body) + 4) + body

    @pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
    def test_messages_cut_anywhere_are_read_the_same(self, size: int) -> None:
        asked = b"".join(
            self.message(kind, body)
            for kind, body in [
                (b"P", b"s\0SELECT a, b FROM t\0\0\0"), (b"D", b"Ss\0"), (b"S", b""),
                (b"B", b"\0s\0\0\0\0\0\0\0"), (b"E", b"\0\0\0\0\x05"), (b"E", b"\0\0\0\0\x05"), (b"S", b""),
                (b"d", b"Q" * 300), (b"Q", b"DELETE FROM t\0"), (b"X", b""),
            ]
        )  # fmt: skip
        answered = b"".join(
            self.message(kind, body)
            for kind, body in [
                (b"1", b""), (b"t", b"\0\0"), (b"T", b"\0\x02" + b"x" * 40), (b"Z", b"I"),
                (b"2", b""), (b"D", b"\0\x02" + b"D" * 30), (b"s", b""), (b"D", b"\0\x02" + b"y"),
                (b"C", b"SELECT 1\0"),
                (b"Z", b"I"), (b"N", b"notice"), (b"C", b"DELETE 1\0"), (b"Z", b"I"),
            ]
        )  # fmt: skip
        seen: list[Executed] = []
        talk = Conversation(seen.append)

        for start in range(0, len(asked), size):
            talk.frontend(asked[start : start + size])
        for start in range(0, len(answered), size):
            talk.backend(answered[start : start + size])

        assert [(each.text, each.columns, each.rows) for each in seen] == [
            ("SELECT a, b FROM t", 2, 2),
            ("DELETE FROM t", 0, 0),
        ]

    def test_a_server_that_speaks_an_older_version_says_so_to_the_client(self) -> None:
        ours, theirs = socket.socketpair()
        older, welcome = self.message(b"v", b"\0\3\0\0\0\0\0\0"), self.message(b"R", b"\0\0\0\0")
        with ours, theirs:
            theirs.sendall(older + welcome)

            assert login.log_in(ours, user="u", password="p") == older + welcome

    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            (b"\0\0\0\3", b"secret\0"),
            (b"\0\0\0\5salt", b"md5440c573f34f2e2f3ff4b6dbdd8a2686b\0"),
        ],
    )
    def test_older_ways_to_ask_for_a_password_are_answered(self, asked: bytes, said: bytes) -> None:
        ours, theirs = socket.socketpair()
        welcome = self.message(b"R", b"\0\0\0\0")
        with ours, theirs:
            theirs.sendall(self.message(b"R", asked) + welcome)

            assert login.log_in(ours, user="user", password="secret") == welcome
            assert theirs.recv(100) == self.message(b"p", said)

    def test_nonsense_is_an_error(self) -> None:
        with pytest.raises(WireError):
            Conversation(lambda executed: None).frontend(b"Q\0\0\0\0")


class TestResting:
    """The server's end of a session that a client has left well serves the next client."""

    @staticmethod
    def backend(client: Client) -> object:
        return client.execute("SELECT pg_backend_pid()").fetchall()[0][0]

    @staticmethod
    def left(database: Database, *statements: str) -> object:
        """Open a session, run the statements, leave, and wait until its server's end rests; return its backend."""
        with psycopg.connect(database.url, autocommit=True) as leaving:
            backend = TestResting.backend(leaving)
            for statement in statements:
                leaving.execute(statement.encode())
        limit = time.monotonic() + 5
        while not database._tapped()._resting and time.monotonic() < limit:
            time.sleep(0.001)
        return backend

    def test_the_next_client_has_the_same_session(self, database: Database) -> None:
        before = self.left(database)

        with psycopg.connect(database.url, autocommit=True) as client:
            assert self.backend(client) == before

    @pytest.mark.parametrize(
        ("statement", "question", "new"),
        [
            ("SET statement_timeout = 77", "SHOW statement_timeout", "10s"),
            ("SET search_path = pg_temp", "SHOW search_path", '"$user", public'),
            ("SET ROLE prodev_candidate", "SELECT current_user = session_user", True),
            ("CREATE TEMPORARY TABLE guest ()", "SELECT count(*) FROM guest", 20),
            ("PREPARE kept AS SELECT 1", "SELECT count(*) FROM pg_prepared_statements", 0),
            ("DECLARE kept CURSOR WITH HOLD FOR SELECT 1", "SELECT count(*) FROM pg_cursors", 0),
            ("LISTEN kept", "SELECT count(*) FROM pg_listening_channels()", 0),
            (
                "SELECT pg_advisory_lock(7)",
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7",
                0,
            ),
        ],
    )
    def test_it_finds_nothing_of_the_last(self, database: Database, statement: str, question: str, new: object) -> None:
        before = self.left(database, statement)

        with psycopg.connect(database.url, autocommit=True) as client:
            assert client.execute(question.encode()).fetchall() == [(new,)]
            assert self.backend(client) == before

    def test_whoever_asks_for_another_session_has_another(self, database: Database) -> None:
        before = self.left(database)

        with psycopg.connect(database.url, options="-c work_mem=2MB", autocommit=True) as client:
            assert self.backend(client) != before
            assert client.execute("SHOW work_mem").fetchall() == [("2MB",)]

    def test_two_at_a_time_have_two(self, database: Database) -> None:
        self.left(database)

        with psycopg.connect(database.url) as one, psycopg.connect(database.url) as other:
            assert self.backend(one) != self.backend(other)

    def test_a_session_that_the_server_has_ended_is_not_given_out(self, database: Database, engine: Engine) -> None:
        before = self.left(database)
        engine.disconnect(database.lease.name)

        with psycopg.connect(database.url, autocommit=True) as client:
            assert self.backend(client) != before

    def test_a_session_left_in_a_transaction_ends(self, database: Database) -> None:
        with psycopg.connect(database.url, autocommit=True) as leaving:
            before = self.backend(leaving)
            leaving.execute("BEGIN; DELETE FROM booking")
            leaving.pgconn.finish()

        with psycopg.connect(database.url, autocommit=True) as client:
            assert self.backend(client) != before
            assert client.execute("SELECT count(*) FROM booking").fetchall() == [(2000,)]

    def test_what_empties_a_session_is_not_logged(self, database: Database) -> None:
        with database.statements() as log:
            self.left(database, "SELECT 1")

        assert log.texts == ["SELECT pg_backend_pid()", "SELECT 1"]
        assert log.chatter == []
