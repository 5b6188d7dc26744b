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
    places = asyncio.Semaphore(limit)

    async def fetch(path: str) -> Page:
        for tries in range(1, attempts + 2):
            async with places:
                body, error, may_heal = await _ask(get, path)
            if tries > attempts or not may_heal:
                break
            await asyncio.sleep(pause_s)
        return Page(path, body, tries, error)

    return await asyncio.gather(*map(fetch, paths))


async def _ask(get: Callable[[str], Awaitable[Answer]], path: str) -> tuple[str | None, str | None, bool]:
    """Ask once: the body or the error, and whether another try may help."""
    try:
        answer = await get(path)
    except ConnectionError as error:
        return None, f"no answer: {error}", True
    if answer.status >= 400:
        return None, f"status {answer.status}", answer.status >= 500
    return answer.body, None, False
