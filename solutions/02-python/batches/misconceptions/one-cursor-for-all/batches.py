"""Rows in batches, and a table in pages."""

from collections.abc import Iterable, Iterator
from itertools import islice
from sqlite3 import Connection
from typing import TypeVar

Row = TypeVar("Row")

EVERYTHING = "SELECT id, guest FROM booking ORDER BY id"


def batched(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """Yield the ``rows`` in lists of ``size``; the last list may be shorter.

    Raises ValueError when ``size`` is below 1.
    """
    if size < 1:
        raise ValueError(f"a batch holds at least one row, not {size}")
    iterator = iter(rows)
    while batch := list(islice(iterator, size)):
        yield batch


def pages(connection: Connection, size: int) -> Iterator[list[tuple[int, str]]]:
    """Yield the rows ``(id, guest)`` of the table ``booking`` in the order of ``id``, ``size`` at a time."""
    cursor = connection.execute(EVERYTHING)
    while page := cursor.fetchmany(size):
        yield page
