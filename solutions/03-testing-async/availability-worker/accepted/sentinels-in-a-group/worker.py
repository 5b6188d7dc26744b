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
    queue: asyncio.Queue[str | None] = asyncio.Queue(ahead)
    stop = asyncio.Event()
    done: list[str] = []
    left: list[str] = []
    in_hand: list[str] = []

    async def produce() -> None:
        stopping = asyncio.create_task(stop.wait())
        coming = asyncio.create_task(take())
        try:
            while not stop.is_set():
                await asyncio.wait({coming, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if not in_hand:
                    break
                await queue.put(in_hand[0])
                in_hand.clear()
                coming = asyncio.create_task(take())
            for _ in range(workers):
                await queue.put(None)
        finally:
            coming.cancel()
            stopping.cancel()
            left.extend(in_hand)

    async def take() -> None:
        async for change in feed:
            in_hand.append(change)
            return

    async def consume() -> None:
        while (change := await queue.get()) is not None:
            try:
                await apply(change)
            except Exception:
                logging.exception("could not apply %s", change)
                left.append(change)
            except BaseException:
                left.append(change)
                raise
            else:
                done.append(change)

    async def hurry(tasks: list[asyncio.Task[None]]) -> None:
        await stop.wait()
        await asyncio.sleep(grace_s)
        for task in tasks:
            task.cancel()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consume()) for _ in range(workers)]
        hurrying = group.create_task(hurry([group.create_task(produce()), *crew]))
        await asyncio.wait(crew)
        hurrying.cancel()
    loop.remove_signal_handler(signal.SIGTERM)
    while not queue.empty():
        if (waiting := queue.get_nowait()) is not None:
            left.append(waiting)
    return Report(applied=len(done), left=left)
