"""Book in several steps, within one budget, and leave nothing behind."""

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

    async def __aenter__(self) -> "Desk":
        return self

    async def __aexit__(self, *_: object) -> None:
        # TODO: no receipt is lost.
        return None

    async def book(self, steps: Sequence[Step], receipt: Callable[[list[str]], Coroutine[Any, Any, None]]) -> list[str]:
        """Run all ``steps`` within the budget, and return their results.

        Raises TooLate when the budget is over, and what a step raises. What was done is undone by then.
        """
        # TODO: one deadline for all steps, and a way back.
        raise NotImplementedError("TODO: book in time")
