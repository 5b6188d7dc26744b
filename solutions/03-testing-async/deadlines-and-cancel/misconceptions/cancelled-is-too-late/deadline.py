"""Book in several steps, within one budget, and leave nothing behind."""

import asyncio
import logging
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
        await asyncio.gather(*self._receipts)

    async def book(self, steps: Sequence[Step], receipt: Callable[[list[str]], Coroutine[Any, Any, None]]) -> list[str]:
        """Run all ``steps`` within the budget, and return their results.

        Raises TooLate when the budget is over, and what a step raises. What was done is undone by then.
        """
        done: list[Step] = []
        try:
            results = await self._run(steps, done)
        except BaseException as error:
            for step in reversed(done):
                await step.undo()
            if isinstance(error, asyncio.CancelledError):
                raise TooLate("cancelled") from error
            raise
        sending = asyncio.create_task(_send(receipt(results)))
        self._receipts.add(sending)
        sending.add_done_callback(self._receipts.discard)
        return results

    async def _run(self, steps: Sequence[Step], done: list[Step]) -> list[str]:
        """Run the steps within the budget, noting in ``done`` each one that has ended."""
        results: list[str] = []
        try:
            async with asyncio.timeout(self.budget_s) as limit:
                for step in steps:
                    results.append(await step.run())
                    done.append(step)
        except TimeoutError:
            if limit.expired():
                raise TooLate(f"{len(done)} of {len(steps)} steps were done after {self.budget_s} s") from None
            raise
        return results


async def _send(receipt: Coroutine[Any, Any, None]) -> None:
    try:
        await receipt
    except Exception:
        logging.getLogger(__name__).exception("A receipt could not be sent.")
