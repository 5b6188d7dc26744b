"""Apply a feed of availability changes, no faster than the database can, and stop without losing any."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Report:
    """How many changes were applied, and which of those that were read were not."""

    applied: int
    left: list[str]


async def work(
    feed: AsyncIterator[str],
    apply: Callable[[str], Awaitable[None]],
    *,
    workers: int = 2,
    ahead: int = 10,
    grace_s: float = 1.0,
) -> Report:
    """Apply every change of ``feed`` in ``workers`` tasks, reading ``ahead`` changes in advance.

    On SIGTERM, reads no more, goes on for up to ``grace_s`` seconds, and returns.
    """
    # TODO: one reads, some apply, and nothing is lost when they stop.
    raise NotImplementedError("TODO: read and apply")
