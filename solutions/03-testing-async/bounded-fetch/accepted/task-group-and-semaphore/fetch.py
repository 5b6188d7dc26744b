"""Fetch many pages from one host, within its limit."""

import asyncio
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
    semaphore = asyncio.BoundedSemaphore(limit)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_fetch(get, path, semaphore, attempts, pause_s)) for path in paths]
    return [task.result() for task in tasks]


async def _fetch(
    get: Callable[[str], Awaitable[Answer]],
    path: str,
    semaphore: asyncio.BoundedSemaphore,
    attempts: int,
    pause_s: float,
) -> Page:
    error = ""
    async with semaphore:
        for tries in range(1, attempts + 1):
            if tries > 1:
                await asyncio.sleep(pause_s)
            try:
                answer = await get(path)
            except ConnectionError as failure:
                error = repr(failure)
                continue
            if answer.status < 400:
                return Page(path, answer.body, tries, None)
            error = str(answer.status)
            if answer.status < 500:
                return Page(path, None, tries, error)
    return Page(path, None, attempts, error)
