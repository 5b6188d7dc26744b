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
    waiting: asyncio.Queue[int] = asyncio.Queue()
    pages: dict[int, Page] = {}
    for number in range(len(paths)):
        waiting.put_nowait(number)

    async def work() -> None:
        while not waiting.empty():
            number = waiting.get_nowait()
            pages[number] = await _fetch(get, paths[number], attempts, pause_s)

    async with asyncio.TaskGroup() as group:
        for _ in range(limit):
            group.create_task(work())
    return [pages[number] for number in range(len(paths))]


async def _fetch(get: Callable[[str], Awaitable[Answer]], path: str, attempts: int, pause_s: float) -> Page:
    tries = 0
    while True:
        tries += 1
        try:
            answer = await get(path)
        except ConnectionError as error:
            reason = str(error)
        else:
            if answer.status < 400:
                return Page(path, answer.body, tries, None)
            reason = f"HTTP {answer.status}"
            if answer.status < 500:
                return Page(path, None, tries, reason)
        if tries == attempts:
            return Page(path, None, tries, reason)
        await asyncio.sleep(pause_s)
