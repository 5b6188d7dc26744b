"""Rows that came together. What one of them is asked for is read for all of them, in one statement, once.

GraphQL asks field by field, row by row: that is where N+1 comes from. strawberry's DataLoader, which waits for all
askers, needs an event loop. Here the first asker reads for its peers, so that the number of statements is the number
of lists in a query, whatever is in them. The idea is Django 6.1's fetch mode FETCH_PEERS.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

V = TypeVar("V")


class Peers:
    """The keys of the rows of one list."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = list(dict.fromkeys(keys))
        self._read: dict[Hashable, Mapping[str, Any]] = {}

    def read(self, read: Callable[..., Mapping[str, V]], *arguments: Hashable) -> Mapping[str, V]:
        """``read(keys, *arguments)`` for all peers, by key; the same again sends nothing."""
        name = (read, *arguments)
        if name not in self._read:
            self._read[name] = read(self._keys, *arguments)
        return self._read[name]
