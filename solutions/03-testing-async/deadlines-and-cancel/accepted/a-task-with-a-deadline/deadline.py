"""Book in several steps, within one budget, and leave nothing behind."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any


class TooLate(Exception):
    """The budget was over before the last step had ended."""


@dataclass(frozen=True)
class Step:
    """One step of a booking: ``run`` does it, ``undo`` takes back what a finished one did."""

    name: str
    run: Callable[[], Awaitable[str]]
    undo: Callable[[], Awaitable[None]]


class Desk:
    """Takes bookings; leaving it waits for the receipts that are still being sent."""

    def __init__(self, *, budget_s: float = 0.3) -> None:
        self.budget_s = budget_s
        self._receipts: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Desk":
        return self

    async def __aexit__(self, *_: object) -> None:
        while self._receipts:
            await asyncio.wait(self._receipts)

    async def book(self, steps: Sequence[Step], receipt: Callable[[list[str]], Coroutine[Any, Any, None]]) -> list[str]:
        """Run all ``steps`` within the budget, and return their results.

        Raises TooLate when the budget is over, and what a step raises. What was done is undone by then.
        """
        too_late_at = time.monotonic() + self.budget_s
        done: list[Step] = []
        results: list[str] = []
        has_booked = False
        try:
            for step in steps:
                results.append(await _by(too_late_at, step.run))
                done.append(step)
            has_booked = True
        finally:
            if not has_booked:
                while done:
                    await done.pop().undo()
        task = asyncio.create_task(receipt(results))
        self._receipts.add(task)
        task.add_done_callback(self._has_ended)
        return results

    def _has_ended(self, task: "asyncio.Task[None]") -> None:
        self._receipts.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logging.warning("receipt failed", exc_info=error)


async def _by(moment: float, run: Callable[[], Awaitable[str]]) -> str:
    """Await ``run()`` until a moment of the monotonic clock."""
    task = asyncio.ensure_future(run())
    try:
        finished, _ = await asyncio.wait({task}, timeout=moment - time.monotonic())
    except asyncio.CancelledError:
        task.cancel()
        await asyncio.wait({task})
        raise
    if not finished:
        task.cancel()
        await asyncio.wait({task})
        raise TooLate("the budget is over")
    return task.result()
