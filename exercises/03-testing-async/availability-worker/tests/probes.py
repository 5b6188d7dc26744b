"""Run the worker on a virtual clock, between a feed and a database that are the test's."""

import asyncio
import logging
import signal

from prodev.testbed import virtual

virtual.install()

PATIENCE_S = 100


class Feed:
    """An async iterator over the test's feed: it waits, then takes; a wait that is cancelled takes nothing."""

    def __init__(self, wait, take, stop_at):
        self._wait = wait
        self._take = take
        self._until_stop = stop_at
        self.stop = None

    def __aiter__(self):
        return self

    async def __anext__(self):
        await asyncio.sleep(self._wait())
        if (change := self._take()) is None:
            raise StopAsyncIteration
        self._until_stop -= 1
        if self._until_stop == 0:
            self.stop()
        return change


def work(wait, take, begin, end, tell, stop_after=None, stop_at=0, **settings):
    """Let the candidate work, with a SIGTERM after so many seconds, or when so many are read; say how that ended."""
    unheard = []
    before = signal.signal(signal.SIGTERM, lambda *_: unheard.append(True))
    logging.getLogger().addHandler(log := Log())
    try:
        seen = virtual.run(_work(Feed(wait, take, stop_at), begin, end, tell, stop_after, settings))
    finally:
        signal.signal(signal.SIGTERM, before)
        logging.getLogger().removeHandler(log)
    return seen | {"unheard": bool(unheard), "logged": log.texts}


async def _work(feed, begin, end, tell, stop_after, settings):
    from worker import work

    loop = asyncio.get_running_loop()

    async def apply(change):
        await asyncio.sleep(begin(change))
        end(change)

    async def work_and_read():
        report = await work(feed, apply, **settings)
        return report.applied, list(report.left)  # as it is now, whatever is added later

    def stop():
        tell("stopped", round(loop.time(), 6))
        signal.raise_signal(signal.SIGTERM)

    feed.stop = stop
    before = asyncio.all_tasks()
    tell("started", round(loop.time(), 6))
    task = asyncio.create_task(work_and_read())
    unhandled = signal.getsignal(signal.SIGTERM)
    if stop_after is not None:
        loop.call_later(stop_after, stop)
    await asyncio.wait({task}, timeout=PATIENCE_S)
    tell("ended", round(loop.time(), 6))
    is_handled = signal.getsignal(signal.SIGTERM) not in (unhandled, signal.SIG_DFL)
    await asyncio.sleep(PATIENCE_S)
    waiting = [each for each in asyncio.all_tasks() - before if each is not task and not each.done()]
    return _outcome(task) | {"tasks_left": sorted(map(_name, waiting)), "is_handled": is_handled}


def _name(task):
    return getattr(task.get_coro(), "__qualname__", "a task").rpartition("<locals>.")[2]


def _outcome(task):
    outcome = {"returned": False, "applied": None, "left": [], "error": None}
    if not task.done():
        return outcome
    if task.cancelled():
        return outcome | {"error": "CancelledError"}
    if (error := task.exception()) is not None:
        if isinstance(error, NotImplementedError):
            raise error
        inner = error.exceptions[0] if isinstance(error, BaseExceptionGroup) else error
        return outcome | {"error": f"{type(inner).__name__}: {inner}"}
    applied, left = task.result()
    return outcome | {"returned": True, "applied": applied, "left": left}


class Log(logging.Handler):
    """Keeps what is logged as a warning or worse, with its exception."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.texts = []

    def emit(self, record):
        error = record.exc_info[1] if record.exc_info else ""
        self.texts.append(f"{record.getMessage()} {error}"[:300])
