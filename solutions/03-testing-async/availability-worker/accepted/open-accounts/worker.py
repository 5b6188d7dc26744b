"""Apply a feed of availability changes, no faster than the database can, and stop without losing any."""

import asyncio
import logging
import signal
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
    worker = _Worker(apply, ahead)
    loop = asyncio.get_running_loop()
    reading = asyncio.create_task(worker.read(feed))
    loop.add_signal_handler(signal.SIGTERM, worker.stop, reading, grace_s)
    crew = [asyncio.create_task(worker.run()) for _ in range(workers)]
    try:
        await asyncio.wait({reading})
        joined = asyncio.create_task(worker.waiting.join())
        over = asyncio.create_task(worker.is_over.wait())
        await asyncio.wait({joined, over}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
        for task in (joined, over, *crew):
            task.cancel()
        await asyncio.wait({joined, over, *crew})
    return Report(worker.applied, list(worker.open))


class _Worker:
    """Every change that was read is in ``open`` until it has been applied."""

    def __init__(self, apply: Callable[[str], Awaitable[None]], ahead: int) -> None:
        self.waiting: asyncio.Queue[str] = asyncio.Queue(ahead)
        self.open: dict[str, None] = {}
        self.applied = 0
        self.is_over = asyncio.Event()
        self._apply = apply

    async def read(self, feed: AsyncIterator[str]) -> None:
        async for change in feed:
            self.open[change] = None
            await self.waiting.put(change)

    async def run(self) -> None:
        while True:
            change = await self.waiting.get()
            try:
                await self._apply(change)
            except Exception as error:
                logging.warning("%s: %s", change, error)
            else:
                self.applied += 1
                del self.open[change]
            finally:
                self.waiting.task_done()

    def stop(self, reading: "asyncio.Task[None]", grace_s: float) -> None:
        reading.cancel()
        asyncio.get_running_loop().call_later(grace_s, self.is_over.set)
