"""Rows in batches, and a table in pages."""

from collections.abc import Iterable, Iterator
from itertools import islice
from sqlite3 import Connection
from typing import TypeVar

Row = TypeVar("Row")

PAGE = "SELECT id, guest FROM booking WHERE id > ? ORDER BY id LIMIT ?"


def batched(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """Yield the ``rows`` in lists of ``size``; the last list may be shorter.

    Raises ValueError when ``size`` is below 1.
    """
    if size < 1:
        raise ValueError(f"a batch holds at least one row, not {size}")
    iterator = iter(rows)
    yield from iter(lambda: list(islice(iterator, size)), [])


def pages(connection: Connection, size: int) -> Iterator[list[tuple[int, str]]]:
    """Yield the rows ``(id, guest)`` of the table ``booking`` in the order of ``id``, ``size`` at a time."""
    last_id, more = 0, True
    while more:
        rows = connection.execute(PAGE, (last_id, size + 1)).fetchall()
        page, more = rows[:size], len(rows) > size
        if page:
            yield page
            last_id = page[-1][0]
