"""An asyncio loop whose clock jumps to the next timer when nothing is ready.

    # probes.py
    from prodev.testbed import virtual

    virtual.install()                # before the code under test is imported

    def serve_ten():
        return virtual.run(_serve_ten())

    async def _serve_ten():
        async with virtual.Heartbeat() as heart:
            await asyncio.gather(...)
        return heart.longest_gap     # exact: 0.01 unless something blocked the loop

Models: ``asyncio.sleep``, ``asyncio.timeout``, ``wait_for``, ``call_later`` and ``loop.time()`` cost no real time and
end exactly when they are due; what blocks the loop's thread moves the same clock (module ``threads``), and the loop
runs late. Callbacks run in asyncio's own order, ready ones first, then timers by their time, as this is asyncio's loop
with another clock and another selector. When nothing is ready, no timer is set and no thread waits, ``run`` raises
Stalled instead of hanging. A loop that is never idle (``while not done: await asyncio.sleep(0)``) pays a millisecond
a turn after a thousand turns.

Leaves out: sockets, pipes and subprocesses (a loop waits for them in vain), another loop in a thread (``asyncio.run``
inside ``to_thread``), and the time that code itself takes.

Sources: asyncio's documentation of ``loop.time`` and ``loop.call_at``, and the order in ``BaseEventLoop._run_once``.
"""

from __future__ import annotations

import asyncio
import contextlib
import selectors
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from prodev.testbed.threads import Clock, Stalled, burn, install

__all__ = ["Heartbeat", "Stalled", "burn", "install", "run"]

Value = TypeVar("Value")

_BUSY_TURNS = 1000
_BUSY_TURN_S = 0.001
_WINDING_UP_S = 60.0


class Heartbeat:
    """Ask the loop for a beat ``every`` so many seconds, and note the longest gap between two of them.

    ``tell`` is called with the time of each beat, of the begin and of the end: a function of the test's
    keeps them where the code under test cannot change them.
    """

    def __init__(self, every: float = 0.01, tell: Callable[[float], object] | None = None) -> None:
        self.every = every
        self._tell = tell
        self.longest_gap = 0.0
        self.beats = 0

    async def __aenter__(self) -> Heartbeat:
        self._loop = asyncio.get_running_loop()
        self._last = self._loop.time()
        self._note()
        self._next = self._loop.call_later(self.every, self._beat)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._next.cancel()
        self._note()

    def _beat(self) -> None:
        self.beats += 1
        self._note()
        self._next = self._loop.call_later(self.every, self._beat)

    def _note(self) -> None:
        now = self._loop.time()
        self.longest_gap, self._last = max(self.longest_gap, round(now - self._last, 6)), now
        if self._tell is not None:
            self._tell(round(now, 6))


def run(main: Coroutine[Any, Any, Value], *, workers: int = 12, horizon: float = 600.0) -> Value:
    """Run ``main`` to its end on a virtual clock, and wind up as ``asyncio.run`` does.

    ``workers`` is the size of the default thread pool, which otherwise depends on the machine; ``horizon`` is how many
    seconds of the clock it may take. Raises Stalled when nothing could ever wake it, or beyond the horizon.
    """
    if time.sleep.__module__ == "time":
        raise RuntimeError("Call virtual.install() at the top of probes.py.")
    clock = Clock()
    selector = _Idle(clock, clock.now + horizon)
    runner = asyncio.Runner(loop_factory=lambda: _Loop(clock, selector, workers))
    clock.enter()
    try:
        return runner.run(main)
    finally:
        selector.horizon = clock.now + _WINDING_UP_S
        with contextlib.suppress(Stalled):  # a task that swallows its cancellation; its probe has seen that
            runner.close()
        clock.leave()


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, clock: Clock, selector: _Idle, workers: int) -> None:
        self._clock = clock
        super().__init__(selector)
        self.set_default_executor(ThreadPoolExecutor(max_workers=workers))

    def time(self) -> float:
        return self._clock.now


class _Idle(selectors.DefaultSelector):
    """Does not wait for anything: it moves the clock, and lets threads go on that are due."""

    def __init__(self, clock: Clock, horizon: float) -> None:
        super().__init__()
        self._clock = clock
        self._busy_turns = 0
        self.horizon = horizon

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready; else move the clock until something is, or by ``timeout``."""
        while self._clock.step(self._clock.now):
            pass
        events = super().select(0)
        if events or (timeout is not None and timeout <= 0):
            self._be_busy()
            return events
        self._busy_turns = 0
        due = float("inf") if timeout is None else self._clock.now + timeout
        while not events and self._clock.step(min(due, self.horizon)):
            events = super().select(0)
        if not events:
            self._advance(due)
        return events

    def _be_busy(self) -> None:
        self._busy_turns += 1
        if self._busy_turns > _BUSY_TURNS:
            self._advance(self._clock.now + _BUSY_TURN_S)

    def _advance(self, due: float) -> None:
        if due == float("inf"):
            raise Stalled("Everybody waits, and nobody is left who could wake them.")
        if due > self.horizon:
            raise Stalled("It does not end.")
        self._clock.advance(due)
