"""Rows in batches, and a table in pages."""

from collections.abc import Iterable, Iterator
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
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def pages(connection: Connection, size: int) -> Iterator[list[tuple[int, str]]]:
    """Yield the rows ``(id, guest)`` of the table ``booking`` in the order of ``id``, ``size`` at a time."""
    last_id, page = 0, []
    while last_id == 0 or len(page) == size:
        page = connection.cursor().execute(PAGE, (last_id, size)).fetchall()
        if not page:
            break
        last_id = page[-1][0]
        yield page
