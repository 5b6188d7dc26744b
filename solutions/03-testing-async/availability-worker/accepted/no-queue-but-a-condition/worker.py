"""Apply a feed of availability changes, no faster than the database can, and stop without losing any."""

import asyncio
import logging
import signal
from collections import deque
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
    crew = _Crew(apply, workers, ahead)
    loop = asyncio.get_running_loop()
    reading = asyncio.create_task(crew.read(feed))
    stopped = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    hands = [asyncio.create_task(crew.work_off()) for _ in range(workers)]
    watching = asyncio.create_task(stopped.wait())
    everybody = {reading, *hands}
    try:
        pending: set[asyncio.Task[None]] = everybody
        while pending and not stopped.is_set():
            _, rest = await asyncio.wait({*pending, watching}, return_when=asyncio.FIRST_COMPLETED)
            pending = {task for task in everybody if task in rest}
        if pending:
            reading.cancel()
            await asyncio.wait(everybody, timeout=grace_s)
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
        watching.cancel()
        for task in everybody:
            task.cancel()
        await asyncio.gather(watching, *everybody, return_exceptions=True)
    return Report(crew.applied, [*crew.failed, *crew.waiting, *crew.in_hand])


class _Crew:
    """Changes that wait, and hands that take them."""

    def __init__(self, apply: Callable[[str], Awaitable[None]], workers: int, ahead: int) -> None:
        self.waiting: deque[str] = deque()
        self.in_hand: set[str] = set()
        self.failed: list[str] = []
        self.applied = 0
        self._apply = apply
        self._room = ahead
        self._turn = asyncio.Condition()
        self._has_read_all = False

    async def read(self, feed: AsyncIterator[str]) -> None:
        try:
            while True:
                async with self._turn:
                    await self._turn.wait_for(lambda: len(self.waiting) < self._room)
                try:
                    change = await anext(feed)
                except StopAsyncIteration:
                    return
                self.waiting.append(change)
                async with self._turn:
                    self._turn.notify_all()
        finally:
            self._has_read_all = True
            async with self._turn:
                self._turn.notify_all()

    async def work_off(self) -> None:
        while True:
            async with self._turn:
                await self._turn.wait_for(lambda: self.waiting or self._has_read_all)
                if not self.waiting:
                    return
                change = self.waiting.popleft()
                self.in_hand.add(change)
                self._turn.notify_all()
            try:
                await self._apply(change)
            except Exception:
                logging.exception("left: %s", change)
                self.failed.append(change)
            else:
                self.applied += 1
            self.in_hand.discard(change)
