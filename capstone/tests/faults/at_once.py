"""Calls at one moment, by threads that are kept, each with its connection to the database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, connections

from staybook.common.errors import StaybookError

PEOPLE = 6
_pool = ThreadPoolExecutor(PEOPLE)


def at_once(calls: Iterable[Callable[[], object]]) -> list[object]:
    """Call each in a thread of its own; one after the other on SQLite, whose test database is one connection.

    Returns what they returned or were refused with; raises what none of them may raise.
    """

    def call(function: Callable[[], object]) -> object:
        try:
            return function()
        except StaybookError as refusal:
            return refusal

    calls = list(calls)
    if connection.vendor == "sqlite":
        return [call(function) for function in calls]
    assert len(calls) <= PEOPLE
    return list(_pool.map(call, calls))


def close_pool() -> None:
    """Close every thread's connection: the test database is about to be dropped."""
    all_here = threading.Barrier(PEOPLE)

    def close(_: int) -> None:
        all_here.wait(timeout=10)
        connections.close_all()

    list(_pool.map(close, range(PEOPLE)))
