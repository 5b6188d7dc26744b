"""Book by a virtual clock; what steps and receipts do is told to the test when it happens."""

import asyncio
import gc
import logging
import weakref

from prodev.testbed import virtual

virtual.install()
PATIENCE_S = 20
KINDS = {kind.__name__: kind for kind in (TimeoutError, ValueError, ConnectionError)}


class Booking:
    """Steps that take their time and tell of it."""

    def __init__(self, tell):
        self._tell = tell
        self._loop = asyncio.get_running_loop()

    def note(self, what, name=""):
        return self._tell(what, name, round(self._loop.time(), 6))

    def step(self, name, seconds, error, undo_s):
        from deadline import Step

        async def run():
            result = self.note("begins", name)
            try:
                await asyncio.sleep(seconds)
            except asyncio.CancelledError:
                self.note("is cancelled", name)
                raise
            if error:
                self.note("fails", name)
                raise KINDS[error](f"{name} failed")
            self.note("is done", name)
            return result

        async def undo():
            self.note("undo begins", name)
            await asyncio.sleep(undo_s)
            self.note("is undone", name)

        return Step(name, run, undo)


def book(plan, tell, cancel_after=None, **settings):
    """Book once; then wait, to see what goes on behind the guest's back."""
    return virtual.run(_book(plan, tell, cancel_after, settings))


async def _book(plan, tell, cancel_after, settings):
    from deadline import Desk

    booking, loop = Booking(tell), asyncio.get_running_loop()

    async def receipt(results):
        booking.note("receipt")

    desk = await Desk(**settings).__aenter__()
    before = asyncio.all_tasks()
    task = asyncio.create_task(desk.book([booking.step(*each) for each in plan], receipt))
    booking.note("called")
    if cancel_after is not None:
        loop.call_later(cancel_after, task.cancel)
    await asyncio.wait({task}, timeout=PATIENCE_S)
    booking.note("ended")
    await asyncio.sleep(PATIENCE_S)
    orphans = [each for each in asyncio.all_tasks() - before if each is not task and not each.done()]
    return _outcome(task) | {"orphans": len(orphans)}


def _outcome(task):
    outcome = {"results": None, "error": None, "cancelled": False}
    if not task.done():
        return outcome | {"error": "nothing: it was still running"}
    if task.cancelled():
        return outcome | {"cancelled": True, "error": "CancelledError"}
    error = task.exception()
    if isinstance(error, NotImplementedError):
        raise error
    if error is not None:
        return outcome | {
            "error": f"{type(error).__name__}: {error}",
            "kinds": [k.__name__ for k in type(error).__mro__],
        }
    return outcome | {"results": task.result()}


def book_with_receipts(count, failing, tell, send_after):
    return virtual.run(_book_with_receipts(count, failing, tell, send_after))


async def _book_with_receipts(count, failing, tell, send_after):
    """Make bookings at one desk, and leave it; say what failed, and what is left."""
    before = asyncio.all_tasks()
    log = Log()
    logging.getLogger().addHandler(log)
    office = PostOffice(failing, Booking(tell))
    asyncio.get_running_loop().call_later(send_after, office.open)
    visit = asyncio.create_task(_visit(office, count, send_after / 4))
    await asyncio.wait({visit}, timeout=PATIENCE_S)
    if not visit.done() or visit.cancelled():
        office.errors.append(
            "CancelledError in the block of the desk" if visit.done() else "the desk could not be left"
        )
    elif isinstance(error := visit.exception(), NotImplementedError):
        raise error
    elif error is not None:
        office.errors.append(f"{type(error).__name__}: {error}")
    office.booking.note("left")
    orphans = [each for each in asyncio.all_tasks() - before if each is not visit and not each.done()]
    left = len(orphans)
    await asyncio.sleep(PATIENCE_S)
    del visit, orphans
    gc.collect()
    logging.getLogger().removeHandler(log)
    return {"errors": office.errors, "alive": office.alive, "kept": office.kept, "orphans": left, "logged": log.texts}


class Log(logging.Handler):
    """Keeps what is logged as a warning or worse, with its exception."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.texts = []

    def emit(self, record):
        error = record.exc_info[1] if record.exc_info else ""
        self.texts.append(f"{record.getMessage()} {error}"[:300])


class PostOffice:
    """Sends receipts once it is open; until then, each waits for something that only its own task refers to."""

    def __init__(self, failing, booking):
        self.failing = failing
        self.booking = booking
        self.errors = []
        self.alive = self.kept = 0
        self.is_open = False
        self.waiting = weakref.WeakSet()
        self.tasks = weakref.WeakSet()

    async def receipt(self, results):
        self.booking.note("receipt begins", results[0])
        self.tasks.add(asyncio.current_task())
        if not self.is_open:
            turn = asyncio.get_running_loop().create_future()
            self.waiting.add(turn)
            await turn
        if results[0] == self.failing:
            raise ConnectionError("no post today")
        self.booking.note("receipt is sent", results[0])

    def open(self):
        self.is_open = True
        for turn in list(self.waiting):
            if not turn.done():
                turn.set_result(None)


async def _visit(office, count, pause_s):
    from deadline import Desk

    async with Desk(budget_s=0.3) as desk:
        for number in range(count):
            try:
                await desk.book([office.booking.step(f"booking {number + 1}", 0.01, None, 0)], office.receipt)
            except NotImplementedError:
                raise
            except Exception as error:
                office.errors.append(f"{type(error).__name__}: {error}")
        office.booking.note("all are booked")
        await asyncio.sleep(pause_s)
        gc.collect()
        office.alive, office.kept = len(office.waiting), len(office.tasks)
