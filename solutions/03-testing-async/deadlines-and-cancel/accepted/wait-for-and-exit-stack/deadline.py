"""Book in several steps, within one budget, and leave nothing behind."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
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


log = logging.getLogger(__name__)


class _Failed(Exception):
    """Carries an error of a step past wait_for, whose own TimeoutError looks like a step's."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class Desk:
    """Takes bookings; leaving it waits for the receipts that are still being sent."""

    def __init__(self, *, budget_s: float = 0.3) -> None:
        self.budget_s = budget_s
        self._sending: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Desk":
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*self._sending)

    async def book(self, steps: Sequence[Step], receipt: Callable[[list[str]], Coroutine[Any, Any, None]]) -> list[str]:
        """Run all ``steps`` within the budget, and return their results.

        Raises TooLate when the budget is over, and what a step raises. What was done is undone by then.
        """
        async with AsyncExitStack() as way_back:
            try:
                results = await asyncio.wait_for(self._run(steps, way_back), self.budget_s)
            except TimeoutError:
                raise TooLate("the budget is over") from None
            except _Failed as wrapped:
                raise wrapped.error from None
            way_back.pop_all()
        sending = asyncio.create_task(self._send(receipt, results))
        self._sending.add(sending)
        return results

    async def _send(self, receipt: Callable[[list[str]], Coroutine[Any, Any, None]], results: list[str]) -> None:
        try:
            await receipt(results)
        except Exception as error:
            log.error("receipt for %s: %r", results, error)
        finally:
            self._sending.discard(asyncio.current_task())

    async def _run(self, steps: Sequence[Step], way_back: AsyncExitStack) -> list[str]:
        results: list[str] = []
        for step in steps:
            try:
                results.append(await step.run())
            except Exception as error:
                raise _Failed(error) from error
            way_back.push_async_callback(step.undo)
        return results
