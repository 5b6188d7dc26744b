"""Sources that count what is taken from them, and a table that changes while it is read."""

import sqlite3
from itertools import islice

MOST_PAGES = 60
MOST_ROWS = 200


def take_batches(rows, size):
    from batches import batched

    return [list(batch) for batch in list(batched(iter(rows), size))]


def take_batches_of_a_list(rows, size):
    from batches import batched

    return [list(batch) for batch in batched(rows, size)]


def ask_for_batches_of(size):
    from batches import batched

    try:
        return {"error": None, "batches": [list(batch) for batch in islice(batched([1, 2, 3], size), MOST_PAGES)]}
    except Exception as error:
        if isinstance(error, NotImplementedError):
            raise
        return {"error": type(error).__name__, "batches": []}


def take_the_first(pull, size, wanted):
    """Take ``wanted`` batches of a feed without an end; ``pull`` makes each row at the moment it is taken."""
    from batches import batched

    feed = (pull() for _ in range(MOST_ROWS))
    return [list(batch) for batch in islice(batched(feed, size), wanted)]


def read_pages(ids, size, changes=()):
    """Page through the table; after page n, run the statement that ``changes`` has for n."""
    from batches import pages

    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE stored (id INTEGER PRIMARY KEY, guest TEXT, arrival INTEGER)")
    connection.executemany("INSERT INTO stored VALUES (?, 'guest ' || ?, -?)", [(id, id, id) for id in ids])
    # Without an ORDER BY of one's own, the latest booking comes first.
    connection.execute("CREATE VIEW booking AS SELECT id, guest FROM stored ORDER BY arrival")
    asked, seen, due = [], [], {}
    for after_page, statement in changes:
        due.setdefault(after_page, []).append(statement)
    connection.set_trace_callback(asked.append)
    asked_at = []
    for number, page in enumerate(pages(connection, size), start=1):
        seen.append([tuple(row) for row in page])
        asked_at.append(len(asked))
        connection.set_trace_callback(None)
        for statement in due.get(number, ()):
            connection.execute(statement)
        connection.set_trace_callback(asked.append)
        if number == MOST_PAGES:
            break
    connection.set_trace_callback(None)
    connection.close()
    return {"pages": seen, "queries": asked, "asked_at": asked_at}
