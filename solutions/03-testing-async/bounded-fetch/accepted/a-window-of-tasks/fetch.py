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
    found: dict[asyncio.Task[Page], int] = {}
    running: set[asyncio.Task[Page]] = set()
    for number, path in enumerate(paths):
        if len(running) == limit:
            _, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        task = asyncio.create_task(_fetch(get, path, attempts, pause_s))
        found[task] = number
        running.add(task)
    if running:
        await asyncio.wait(running)
    return [task.result() for task in found]


async def _fetch(get: Callable[[str], Awaitable[Answer]], path: str, attempts: int, pause_s: float) -> Page:
    page = Page(path, None, 0, None)
    while page.tries < attempts:
        try:
            answer = await get(path)
        except ConnectionError as error:
            page = Page(path, None, page.tries + 1, str(error))
        else:
            if answer.status < 400:
                return Page(path, answer.body, page.tries + 1, None)
            page = Page(path, None, page.tries + 1, f"status {answer.status}")
            if answer.status < 500:
                return page
        if page.tries < attempts:
            await asyncio.sleep(pause_s)
    return page
