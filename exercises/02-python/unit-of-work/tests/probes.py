"""Pools of real connections, to SQLite and to PostgreSQL, and stories that are played in units of work."""

import os
import sqlite3
import tempfile
from contextlib import suppress
from pathlib import Path

import psycopg
from psycopg.pq import TransactionStatus

SCHEMA = """
CREATE TABLE guest (name TEXT PRIMARY KEY);
CREATE TABLE booking (
    id INTEGER PRIMARY KEY, guest TEXT, host TEXT REFERENCES guest (name) DEFERRABLE INITIALLY DEFERRED
);
INSERT INTO guest VALUES ('host');
"""
BOOKED = "SELECT guest FROM booking ORDER BY id"


class NoCard(Exception):
    """What goes wrong in a story."""


KINDS = {"NoCard": NoCard, "KeyboardInterrupt": KeyboardInterrupt}


class LentBySQLite(sqlite3.Connection):
    """A connection that goes back to its pool when it is closed."""

    def close(self):
        self.pool.take_back(self, self.in_transaction)


class LentByPostgres(psycopg.Connection):
    def close(self):
        self.pool.take_back(
            self, self.info.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR)
        )


class Pool:
    """Lends connections and counts; ``refuse_begin``: they refuse to begin a transaction."""

    def __init__(self, refuse_begin=False):
        self.refuse_begin = refuse_begin
        self.free, self.all = [], []
        self.lent = self.closed = self.left_open = 0

    def connect(self):
        self.lent += 1
        if self.free:
            return self.free.pop()
        connection = self.open()
        connection.pool = self
        self.all.append(connection)
        return connection

    def take_back(self, connection, is_open):
        self.closed += 1
        self.left_open += is_open
        self.free.append(connection)


class SQLitePool(Pool):
    """On a file of its own."""

    insert = "INSERT INTO booking (guest, host) VALUES (?, ?)"

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.file = Path(self.folder.name, "staybook.db")
        connection = sqlite3.connect(self.file)
        connection.executescript(SCHEMA)
        connection.close()
        return self

    def __exit__(self, *_):
        for connection in self.all:
            sqlite3.Connection.close(connection)
        self.folder.cleanup()

    def open(self):
        connection = sqlite3.connect(self.file, isolation_level=None, timeout=0, factory=LentBySQLite)
        connection.execute("PRAGMA foreign_keys = ON")
        if self.refuse_begin:
            connection.set_authorizer(no_transaction)
        return connection

    def stored(self):
        connection = sqlite3.connect(self.file, timeout=0)
        try:
            return [guest for (guest,) in connection.execute(BOOKED)]
        finally:
            connection.close()


class PostgresPool(Pool):
    """On the database of this exercise, emptied before."""

    insert = "INSERT INTO booking (guest, host) VALUES (%s, %s)"

    def __enter__(self):
        self.stranger = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, options="-c lock_timeout=1s")
        self.stranger.execute("DELETE FROM booking")
        return self

    def __exit__(self, *_):
        for connection in [*self.all, self.stranger]:
            psycopg.Connection.close(connection)

    def open(self):
        connection = LentByPostgres.connect(os.environ["DATABASE_URL"], autocommit=True, options="-c lock_timeout=1s")
        if self.refuse_begin:
            self.stranger.execute("SELECT pg_terminate_backend(%s)", [connection.info.backend_pid])
        return connection

    def stored(self):
        return [guest for (guest,) in self.stranger.execute(BOOKED)]


POOLS = {"SQLite": SQLitePool, "PostgreSQL": PostgresPool}


def no_transaction(action, *_):
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_TRANSACTION else sqlite3.SQLITE_OK


class Play:
    """Plays steps: book · look (as a stranger) · fail · inside [steps] · attempt [steps], which catches NoCard."""

    def __init__(self, unit, pool):
        self.unit, self.pool = unit, pool
        self.looks, self.connections, self.raised = [], [], None

    def block(self, steps):
        with self.unit as connection:
            self.connections.append(connection)
            for step, *given in steps:
                getattr(self, step)(connection, *given)

    def book(self, connection, guest, host="host"):
        connection.execute(self.pool.insert, (guest, host))

    def look(self, connection):
        self.looks.append(self.pool.stored())

    def fail(self, connection, kind):
        self.raised = KINDS[kind](f"{kind} in the story")
        raise self.raised

    def inside(self, connection, steps):
        self.block(steps)

    def attempt(self, connection, steps):
        with suppress(NoCard):
            self.block(steps)


def play(stories, engine, refuse_begin=False):
    """Play the stories one after the other, by one unit of work on one pool; tell how each of them ended."""
    from uow import UnitOfWork

    with POOLS[engine](refuse_begin) as pool:
        played = Play(UnitOfWork(pool.connect), pool)
        ends = [ending(played, steps) for steps in stories]
        kept = pool.stored()
    return {
        "ends": ends,
        "stored": kept,
        "looks": played.looks,
        "same_connection": len(set(map(id, played.connections))) == 1,
        "lent": pool.lent,
        "closed": pool.closed,
        "left_open": pool.left_open,
    }


def ending(played, steps):
    try:
        played.block(steps)
    except NotImplementedError:
        raise
    except BaseException as error:
        if error is not played.raised and not isinstance(error, Exception):
            raise
        is_refused = isinstance(error, sqlite3.IntegrityError | psycopg.IntegrityError)
        told = f"{'IntegrityError' if is_refused else type(error).__name__}: {str(error).partition(chr(10))[0]}"
        return {"error": told, "is_that_very_error": error is played.raised}
    return {"error": None, "is_that_very_error": False}
