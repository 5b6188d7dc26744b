"""A pool of real SQLite connections on one file, and stories that are played in units of work."""

import sqlite3
import tempfile
from contextlib import suppress
from pathlib import Path

SCHEMA = """
CREATE TABLE guest (name TEXT PRIMARY KEY);
CREATE TABLE booking (guest TEXT, host TEXT REFERENCES guest (name) DEFERRABLE INITIALLY DEFERRED);
INSERT INTO guest VALUES ('host');
"""


class NoCard(Exception):
    """What goes wrong in a story."""


KINDS = {"NoCard": NoCard, "KeyboardInterrupt": KeyboardInterrupt}


class Lent(sqlite3.Connection):
    """A connection that goes back to its pool when it is closed."""

    def close(self):
        self.pool.closed += 1
        self.pool.left_open += self.in_transaction
        self.pool.free.append(self)


class Pool:
    def __init__(self, file, refuse_begin=False):
        self.file, self.refuse_begin = file, refuse_begin
        self.free, self.all = [], []
        self.lent = self.closed = self.left_open = 0

    def connect(self):
        self.lent += 1
        if self.free:
            return self.free.pop()
        connection = sqlite3.connect(self.file, isolation_level=None, timeout=0, factory=Lent)
        connection.pool = self
        connection.execute("PRAGMA foreign_keys = ON")
        if self.refuse_begin:
            connection.set_authorizer(no_transaction)
        self.all.append(connection)
        return connection

    def drain(self):
        for connection in self.all:
            sqlite3.Connection.close(connection)


def no_transaction(action, *_):
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_TRANSACTION else sqlite3.SQLITE_OK


class Play:
    """Plays steps: book · look (as a stranger) · fail · inside [steps] · attempt [steps], which catches NoCard."""

    def __init__(self, unit, file):
        self.unit, self.file = unit, file
        self.looks, self.connections, self.raised = [], [], None

    def block(self, steps):
        with self.unit as connection:
            self.connections.append(connection)
            for step, *given in steps:
                getattr(self, step)(connection, *given)

    def book(self, connection, guest, host="host"):
        connection.execute("INSERT INTO booking VALUES (?, ?)", (guest, host))

    def look(self, connection):
        self.looks.append(stored(self.file))

    def fail(self, connection, kind):
        self.raised = KINDS[kind](f"{kind} in the story")
        raise self.raised

    def inside(self, connection, steps):
        self.block(steps)

    def attempt(self, connection, steps):
        with suppress(NoCard):
            self.block(steps)


def stored(file):
    connection = sqlite3.connect(file, timeout=0)
    try:
        return [guest for (guest,) in connection.execute("SELECT guest FROM booking ORDER BY rowid")]
    finally:
        connection.close()


def play(stories, refuse_begin=False):
    """Play the stories one after the other, by one unit of work on one pool; tell how each of them ended."""
    from uow import UnitOfWork

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "staybook.db")
        with sqlite3.connect(file) as connection:
            connection.executescript(SCHEMA)
        connection.close()
        pool = Pool(file, refuse_begin)
        played = Play(UnitOfWork(pool.connect), file)
        ends = [ending(played, steps) for steps in stories]
        kept = stored(file)
        pool.drain()
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
        return {"error": f"{type(error).__name__}: {error}", "is_that_very_error": error is played.raised}
    return {"error": None, "is_that_very_error": False}
