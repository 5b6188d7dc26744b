"""A real SQLite database that knows which of its cursors were closed, and three ways to read from it."""

import sqlite3
import tracemalloc
from datetime import date


class Cursor(sqlite3.Cursor):
    """Remembers that it was closed."""

    closed = False

    def close(self):
        self.closed = True
        super().close()


class Connection(sqlite3.Connection):
    """Remembers the cursors that were opened on it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.opened = []

    def cursor(self, factory=Cursor):
        cursor = super().cursor(factory)
        self.opened.append(cursor)
        return cursor

    def execute(self, *args):
        return self.cursor().execute(*args)

    def all_closed(self):
        return bool(self.opened) and all(cursor.closed for cursor in self.opened)


def database(bookings):
    """Make the table, in memory, as plain text and integers; who asks for no order gets that of listings."""
    connection = sqlite3.connect(":memory:", factory=Connection)
    connection.execute("CREATE TABLE stored (id INTEGER PRIMARY KEY, listing_id INTEGER, check_in TEXT, total TEXT)")
    connection.executemany("INSERT INTO stored VALUES (?, ?, ?, ?)", bookings)
    connection.execute("CREATE VIEW booking AS SELECT * FROM stored ORDER BY listing_id, total")
    connection.opened.clear()
    return connection


def stream(connection, since=date(2026, 1, 1)):
    from stream import stream_bookings

    return stream_bookings(connection, since)


def read_everything(bookings, since):
    connection = database(bookings)
    return {"bookings": list(stream(connection, since)), "closed": connection.all_closed()}


def read_a_few(rows, wanted, total_of):
    """Let every row's total be worked out by ``total_of`` at the moment that the row is fetched."""
    connection = database([(n, n % 50, "2026-05-01", "0") for n in range(1, rows + 1)])
    connection.create_function("total_of", 1, total_of)
    connection.execute("DROP VIEW booking")
    connection.execute("CREATE VIEW booking AS SELECT id, listing_id, check_in, total_of(id) AS total FROM stored")
    connection.opened.clear()

    bookings = stream(connection)
    reader = iter(bookings)
    seen = [next(reader) for _ in range(wanted)]
    if hasattr(bookings, "close"):
        bookings.close()
    return {"totals": [booking.total for booking in seen], "closed": connection.all_closed()}


def measure_the_memory(rows):
    connection = database([(n, n % 50, "2026-05-01", "120.50") for n in range(1, rows + 1)])
    tracemalloc.start()
    for _ in stream(connection):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {"peak_bytes": peak}
