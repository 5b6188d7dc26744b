"""Rows in batches, and a table in pages."""

from collections.abc import Iterable, Iterator
from sqlite3 import Connection
from typing import TypeVar

Row = TypeVar("Row")


def batched(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """Yield the ``rows`` in lists of ``size``; the last list may be shorter.

    Raises ValueError when ``size`` is below 1.
    """
    # TODO: take `size` rows at a time.
    raise NotImplementedError("TODO: yield the rows in batches")


def pages(connection: Connection, size: int) -> Iterator[list[tuple[int, str]]]:
    """Yield the rows ``(id, guest)`` of the table ``booking`` in the order of ``id``, ``size`` at a time."""
    # TODO: one query for each page, from the last id onwards.
    raise NotImplementedError("TODO: page by key")
