"""A clock that only waiting moves, and threads that wait by it, one at a time.

Models: ``time.sleep`` (on the loop's thread it moves the clock while the loop stands still; on any other it lets
the loop go on), ``time.monotonic``, ``perf_counter`` and ``time.time``; threads, thread pools and process pools
with their number of workers, whose waits overlap; ``Future.result``, ``Thread.join`` and ``shutdown``, which block;
``burn``, which is CPU work: it holds the interpreter's lock in a thread, and overlaps in a process pool.
Every thread runs until it waits or ends before another one does, so the same code gives the same times everywhere.

Leaves out: waiting for locks, queues and ``concurrent.futures.wait`` between threads (they block for real), the
clocks in nanoseconds and ``datetime.now``, ``initializer`` of a pool, and processes: work for a process pool runs in
a thread, on pickled copies of what it is given. What the code itself takes costs no time.

Sources: the documentation of ``concurrent.futures``, ``threading`` and ``time.sleep`` in Python's library reference.
"""

from __future__ import annotations

import functools
import heapq
import itertools
import pickle
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

_POLL_S = 0.001
_LET_GO_S = 1.0


class Stalled(Exception):
    """Nothing can ever happen again, or things go on beyond the horizon of the clock."""


class Abandoned(BaseException):
    """Ends a thread that still waits when the clock stops."""


class _Here(threading.local):
    """What the current thread is: under a clock or not, and if so whether it is the loop's own."""

    clock: Clock | None = None
    gate: threading.Semaphore | None = None
    is_process = False


_here = _Here()
_real_sleep, _real_start, _real_join = time.sleep, threading.Thread.start, threading.Thread.join
_real_result = Future.result


class Clock:
    """A time in seconds, ``now``, and the threads that wait for a later one."""

    def __init__(self, start: float = 1000.0) -> None:
        self.now = start
        self._waiting: list[tuple[float, int, threading.Semaphore]] = []
        self._numbers = itertools.count()
        self._quiet = threading.Semaphore(0)
        self._alive: set[threading.Thread] = set()
        self._lanes: weakref.WeakKeyDictionary[Executor, _Lane] = weakref.WeakKeyDictionary()
        self._lock_is_free_at = start
        self._is_over = False

    def enter(self) -> None:
        """Let the current thread be the loop's."""
        _here.clock, _here.gate = self, None

    def leave(self) -> None:
        """End the threads that still wait; the current thread goes by the real clock again."""
        self._is_over = True
        while self._waiting:
            heapq.heappop(self._waiting)[2].release()
            self._quiet.acquire(timeout=_LET_GO_S)
        _here.clock = None

    def advance(self, when: float) -> None:
        """Move on to ``when``; never back. Rounded, so that 0.1 + 0.2 is 0.3."""
        self.now = max(self.now, round(when, 9))

    def step(self, until: float) -> bool:
        """Let the thread go on that is due first, until it waits or ends; False when none is due by ``until``."""
        if not self._waiting or self._waiting[0][0] > until:
            return False
        when, _, gate = heapq.heappop(self._waiting)
        self.advance(when)
        gate.release()
        self._quiet.acquire()
        return True

    def sleep(self, seconds: float) -> None:
        """Let the current thread wait."""
        until = round(self.now + seconds, 9)
        if _here.gate is not None:
            self._wait(until, _here.gate)
            return
        while self.step(until):
            pass
        self.advance(until)

    def burn(self, seconds: float) -> None:
        """Let the current thread compute: in a thread, whoever computes first holds the interpreter's lock."""
        if _here.gate is None or _here.is_process:
            self.sleep(seconds)
            return
        self._lock_is_free_at = max(self.now, self._lock_is_free_at) + seconds
        self.sleep(self._lock_is_free_at - self.now)

    def wait_until(self, is_done: Callable[[], bool], timeout: float | None = None) -> None:
        """Block the current thread until ``is_done`` or the timeout. Raises Stalled when it would be for ever."""
        end = float("inf") if timeout is None else self.now + timeout
        while not is_done() and self.now < end:
            if _here.gate is not None:
                self.sleep(_POLL_S)
            elif not self.step(end):
                if timeout is None:
                    raise Stalled("The loop's thread waits for something that only the loop could bring about.")
                self.advance(end)

    def start(self, thread: threading.Thread) -> None:
        """Start ``thread`` under this clock; it begins when the current one waits."""
        gate = threading.Semaphore(0)
        thread.run = functools.partial(self._live, thread, gate, thread.run)  # type: ignore[method-assign]
        self._alive.add(thread)
        _real_start(thread)
        heapq.heappush(self._waiting, (self.now, next(self._numbers), gate))

    def join(self, thread: threading.Thread, timeout: float | None) -> None:
        """Wait for the end of a thread of this clock's."""
        self.wait_until(lambda: thread not in self._alive, timeout)

    def submit(self, pool: Executor, work: Callable[[], Any], *, workers: int, is_process: bool) -> Future[Any]:
        """Queue ``work`` for one of the pool's workers."""
        lane = self._lanes.setdefault(pool, _Lane(workers, is_process))
        future: Future[Any] = Future()
        lane.jobs.append((future, _pickled(work) if is_process else work))
        if lane.busy < lane.workers:
            lane.busy += 1
            self.start(threading.Thread(target=lane.serve, daemon=True))
        return future

    def shut(self, pool: Executor, *, wait: bool, cancel: bool) -> None:
        """End a pool as its ``shutdown`` does."""
        if (lane := self._lanes.get(pool)) is None:
            return
        for future, _ in list(lane.jobs) if cancel else ():
            future.cancel()
        if wait:
            self.wait_until(lambda: lane.busy == 0)

    def _wait(self, until: float, gate: threading.Semaphore) -> None:
        if self._is_over:
            raise Abandoned
        heapq.heappush(self._waiting, (until, next(self._numbers), gate))
        self._quiet.release()
        gate.acquire()
        if self._is_over:
            raise Abandoned

    def _live(self, thread: threading.Thread, gate: threading.Semaphore, run: Callable[[], None]) -> None:
        _here.clock, _here.gate = self, gate
        gate.acquire()
        try:
            if not self._is_over:
                run()
        except Abandoned:
            pass
        finally:
            self._alive.discard(thread)
            self._quiet.release()


class _Lane:
    """The queue of one pool, and its workers."""

    def __init__(self, workers: int, is_process: bool) -> None:
        self.workers = workers
        self.is_process = is_process
        self.jobs: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self.busy = 0

    def serve(self) -> None:
        """Work, in one thread, until the queue is empty."""
        _here.is_process = self.is_process
        try:
            while self.jobs:
                future, work = self.jobs.popleft()
                if future.set_running_or_notify_cancel():
                    _fulfil(future, work)
        finally:
            self.busy -= 1


def _fulfil(future: Future[Any], work: Callable[[], Any]) -> None:
    try:
        value = work()
    except Abandoned:
        raise
    except BaseException as error:
        future.set_exception(error)
    else:
        future.set_result(value)


def _pickled(work: Callable[[], Any]) -> Callable[[], Any]:
    """Do ``work`` as another process would: with copies, both ways; what cannot be pickled fails then."""

    def in_another_process() -> Any:
        return pickle.loads(pickle.dumps(pickle.loads(packed)()))

    try:
        packed = pickle.dumps(work)
    except Exception as error:
        return functools.partial(_refuse, error)
    return in_another_process


def _refuse(error: Exception) -> Any:
    raise error


def burn(seconds: float) -> None:
    """Compute for so long by the clock of this thread; at once where there is none."""
    if _here.clock is not None:
        _here.clock.burn(seconds)


def install() -> None:
    """Let threads under a clock go by it, and every other go on as before; may be called again.

    Call it before the code under test is imported: ``from time import sleep`` must find ours.
    """
    if time.sleep.__module__ == __name__:
        return
    for name in ("monotonic", "perf_counter", "time"):
        setattr(time, name, _reading(getattr(time, name)))
    ours = ((time, "sleep", _sleep), (threading.Thread, "start", _start), (threading.Thread, "join", _join))
    for home, name, value in (*ours, (Future, "result", _result)):
        setattr(home, name, value)
    for pool, is_process in ((ThreadPoolExecutor, False), (ProcessPoolExecutor, True)):
        setattr(pool, "submit", _submitting(pool.submit, is_process))  # noqa: B010
        setattr(pool, "shutdown", _shutting(pool.shutdown))  # noqa: B010


def _reading(real: Callable[[], float]) -> Callable[[], float]:
    return functools.wraps(real)(lambda: real() if _here.clock is None else _here.clock.now)


def _sleep(seconds: float, /) -> None:
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    _real_sleep(seconds) if _here.clock is None else _here.clock.sleep(seconds)


def _start(self: threading.Thread) -> None:
    _real_start(self) if _here.clock is None else _here.clock.start(self)


def _join(self: threading.Thread, timeout: float | None = None) -> None:
    if _here.clock is not None:
        _here.clock.join(self, timeout)
        timeout = None if timeout is None else 0
    _real_join(self, timeout)


def _result(self: Future[Any], timeout: float | None = None) -> Any:
    if _here.clock is not None and not self.done():
        _here.clock.wait_until(self.done, timeout)
        timeout = None if timeout is None else 0
    return _real_result(self, timeout)


def _submitting(real: Callable[..., Any], is_process: bool) -> Callable[..., Any]:
    @functools.wraps(real)
    def submit(self: Any, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        if _here.clock is None:
            return real(self, fn, *args, **kwargs)
        if getattr(self, "_shutdown", False) or getattr(self, "_shutdown_thread", False):
            raise RuntimeError("cannot schedule new futures after shutdown")
        work = functools.partial(fn, *args, **kwargs)
        return _here.clock.submit(self, work, workers=self._max_workers, is_process=is_process)

    return submit


def _shutting(real: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(real)
    def shutdown(self: Any, wait: bool = True, *, cancel_futures: bool = False) -> None:
        real(self, wait=wait and _here.clock is None, cancel_futures=cancel_futures)
        if _here.clock is not None:
            _here.clock.shut(self, wait=wait, cancel=cancel_futures)

    return shutdown
