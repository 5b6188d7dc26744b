"""A real SQLite database whose cursors keep count, and three ways to read from it."""

import sqlite3
import tracemalloc
from datetime import date

MANY = """
    CREATE VIEW booking AS
    WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < {rows})
    SELECT id, id % 50 AS listing_id, '2026-05-01' AS check_in, '120.50' AS total FROM n
"""


class CountingCursor(sqlite3.Cursor):
    """Knows how many rows have left it, and whether it was closed."""

    fetched = 0
    closed = False

    def __next__(self):
        row = super().__next__()
        self.fetched += 1
        return row

    def fetchone(self):
        row = super().fetchone()
        self.fetched += row is not None
        return row

    def fetchmany(self, size=None):
        rows = super().fetchmany(self.arraysize if size is None else size)
        self.fetched += len(rows)
        return rows

    def fetchall(self):
        rows = super().fetchall()
        self.fetched += len(rows)
        return rows

    def close(self):
        self.closed = True
        super().close()


class CountingConnection(sqlite3.Connection):
    """Remembers the cursors that were opened on it."""

    def cursor(self, factory=CountingCursor):
        cursor = super().cursor(factory)
        self.__dict__.setdefault("opened", []).append(cursor)
        return cursor

    def fetched(self):
        return sum(cursor.fetched for cursor in self.__dict__.get("opened", []))

    def all_closed(self):
        return all(cursor.closed for cursor in self.__dict__.get("opened", []))


def stream(connection, since=date(2026, 1, 1)):
    from stream import stream_bookings

    return stream_bookings(connection, since)


def read_everything(bookings, since):
    connection = sqlite3.connect(":memory:", factory=CountingConnection)
    connection.execute("CREATE TABLE booking (id INTEGER, listing_id INTEGER, check_in TEXT, total TEXT)").close()
    connection.executemany("INSERT INTO booking VALUES (?, ?, ?, ?)", bookings).close()
    return {"bookings": list(stream(connection, since)), "closed": connection.all_closed()}


def read_a_few(rows, wanted):
    connection = sqlite3.connect(":memory:", factory=CountingConnection)
    connection.execute(MANY.format(rows=rows)).close()
    bookings = stream(connection)
    reader = iter(bookings)
    seen = [next(reader) for _ in range(wanted)]
    fetched = connection.fetched()
    if hasattr(bookings, "close"):
        bookings.close()
    return {"fetched": fetched, "last_id": seen[-1].id, "closed": connection.all_closed()}


def measure_the_memory(rows):
    connection = sqlite3.connect(":memory:", factory=CountingConnection)
    connection.execute(MANY.format(rows=rows)).close()
    tracemalloc.start()
    for _ in stream(connection):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {"peak_bytes": peak}
