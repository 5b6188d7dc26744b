"""Apply a feed of availability changes, no faster than the database can, and stop without losing any."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field


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
    queue: asyncio.Queue[str] = asyncio.Queue(maxsize=ahead)
    tally = _Tally()
    stop = asyncio.Event()
    reader = asyncio.create_task(_read(feed, queue, tally))
    crew = [asyncio.create_task(_apply_all(queue, apply, tally)) for _ in range(workers)]
    finishing = asyncio.create_task(_finish(reader, queue))
    stopping = asyncio.create_task(stop.wait())
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    try:
        await asyncio.wait({finishing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        reader.cancel()
        await asyncio.wait({finishing}, timeout=grace_s)
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
        tasks = [reader, finishing, stopping, *crew]
        for task in tasks:
            task.cancel()
    while not queue.empty():
        tally.left.append(queue.get_nowait())
    return Report(tally.applied, tally.left)


@dataclass
class _Tally:
    """What has become of the changes that were read."""

    applied: int = 0
    left: list[str] = field(default_factory=list)


async def _read(feed: AsyncIterator[str], queue: asyncio.Queue[str], tally: _Tally) -> None:
    async for change in feed:
        try:
            await queue.put(change)
        except asyncio.CancelledError:
            tally.left.append(change)
            raise


async def _apply_all(queue: asyncio.Queue[str], apply: Callable[[str], Awaitable[None]], tally: _Tally) -> None:
    while True:
        change = await queue.get()
        try:
            await apply(change)
            tally.applied += 1
        except Exception:
            logging.getLogger(__name__).exception("%s was not applied", change)
            tally.left.append(change)
        except asyncio.CancelledError:
            tally.left.append(change)
            raise
        finally:
            queue.task_done()


async def _finish(reader: asyncio.Task[None], queue: asyncio.Queue[str]) -> None:
    await asyncio.wait({reader})
    await queue.join()
