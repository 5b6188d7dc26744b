"""Fetch many pages from one host, within its limit."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """What the host sends for one request."""

    status: int
    body: str


@dataclass(frozen=True)
class Page:
    """What was had for one path, after how many requests; without a body, ``error`` says why."""

    path: str
    body: str | None
    tries: int
    error: str | None


async def fetch_all(
    get: Callable[[str], Awaitable[Answer]],
    paths: Sequence[str],
    *,
    limit: int = 5,
    attempts: int = 3,
    pause_s: float = 0.1,
) -> list[Page]:
    """Return a page for each of ``paths``, in their order, with at most ``limit`` requests in flight."""
    # TODO: many at once, and never too many.
    raise NotImplementedError("TODO: fetch the pages")
