"""Requests that take turns in an order that we choose, and what each of them logged."""

import asyncio
import logging
import re
import threading
from concurrent.futures import ThreadPoolExecutor

WAIT_S = 5


class Noted(logging.Handler):
    """Keeps the request id that a record carries, beside the request that logged it."""

    def __init__(self):
        from context import AddRequestId

        super().__init__()
        self.pairs = []
        self.addFilter(AddRequestId())

    def emit(self, record):
        self.pairs.append([record.getMessage(), str(getattr(record, "request_id", "<none>"))])


def new_log():
    noted, logger = Noted(), logging.Logger("requests")
    logger.addHandler(noted)
    return logger, noted.pairs


def take(headers):
    """What follow gave, and what the code inside and after the block was told."""
    from context import current_request_id, follow

    before = current_request_id()
    with follow(headers) as given:
        inside = current_request_id()
    return {"before": before, "given": given, "inside": inside, "after": current_request_id()}


def make(count):
    from context import follow

    made = []
    for _ in range(count):
        with follow({"Host": "staybook.example"}) as request_id:
            made.append(request_id)
    return made


def outside():
    """A record of no request."""
    logger, pairs = new_log()
    logger.info("started")
    return pairs


async def coroutines(ids, rounds):
    """Run one request for each id at once. Each logs its id when it begins, and once in each of ``rounds``.

    A round is the order in which the requests have their turns: a list of positions in ``ids``.
    """
    from context import follow

    logger, pairs = new_log()
    gates = [asyncio.Queue() for _ in ids]

    async def request(number):
        with follow({"X-Request-ID": ids[number]}):
            logger.info(ids[number])
            for _ in rounds:
                done = await gates[number].get()
                logger.info(ids[number])
                done.set_result(None)

    running = [asyncio.create_task(request(number)) for number in range(len(ids))]
    for order in rounds:
        for number in order:
            done = asyncio.get_running_loop().create_future()
            gates[number].put_nowait(done)
            await either(done, running[number])
    await asyncio.gather(*running)
    return pairs


async def either(future, task):
    """Wait for ``future``, or for the end of the ``task`` that should have set it."""
    await asyncio.wait([future, task], return_when=asyncio.FIRST_COMPLETED)


def threads(ids, rounds):
    """The same, with a thread for each request."""
    from context import follow

    logger, pairs = new_log()
    gates, turns = [threading.Semaphore(0) for _ in ids], threading.Semaphore(0)
    errors = []

    def request(number):
        try:
            with follow({"X-Request-ID": ids[number]}):
                logger.info(ids[number])
                turns.release()
                for _ in rounds:
                    gates[number].acquire(timeout=WAIT_S)
                    logger.info(ids[number])
                    turns.release()
        except Exception as error:
            errors.append(f"{type(error).__name__}: {error}")
            turns.release()

    running = [threading.Thread(target=request, args=[number], daemon=True) for number in range(len(ids))]
    for thread in running:
        thread.start()
        turns.acquire(timeout=WAIT_S)
    for order in rounds:
        for number in order:
            if errors:
                raise RuntimeError(errors[0])
            gates[number].release()
            turns.acquire(timeout=WAIT_S)
    for thread in running:
        thread.join(WAIT_S)
    return pairs


async def began_by_requests(ids, how):
    """Each request begins a task, or a call in another thread, that logs its id when all requests have begun."""
    from context import follow

    logger, pairs = new_log()
    begun, go = asyncio.Semaphore(0), asyncio.Event()

    async def child(request_id):
        await go.wait()
        logger.info(request_id)

    async def request(request_id):
        try:
            with follow({"X-Request-ID": request_id}):
                await work_of(request_id)
        finally:
            begun.release()  # once more does no harm, and a request that failed is not waited for

    async def work_of(request_id):
        if how == "to_thread":
            begun.release()
            await go.wait()
            await asyncio.to_thread(logger.info, request_id)
            return
        task = asyncio.create_task(child(request_id))
        begun.release()
        if how == "task":
            await task
        else:
            later.append(task)

    later = []
    running = [asyncio.create_task(request(request_id)) for request_id in ids]
    for _ in ids:
        await begun.acquire()
    go.set()
    await asyncio.gather(*running)
    await asyncio.gather(*later)
    return pairs


async def through_a_pool(ids, workers):
    """Each request submits two functions that log its id; all of them wait until all are submitted."""
    from context import current_request_id, follow, submit

    logger, pairs = new_log()
    go = threading.Event()

    def work(request_id, *, suffix):
        go.wait(WAIT_S)
        logger.info(request_id)
        return request_id + suffix

    with ThreadPoolExecutor(workers) as pool:
        futures = []
        for request_id in ids:
            with follow({"X-Request-ID": request_id}):
                futures += [submit(pool, work, request_id, suffix=suffix) for suffix in ("/a", "/b")]
        go.set()
        values = [told(future) for future in futures]
        left = [future.result(WAIT_S) for future in [pool.submit(current_request_id) for _ in range(4 * workers)]]
    return {"pairs": pairs, "values": values, "left": left}


def twice_at_once(request_id):
    """One request submits two functions of which neither ends before the other has begun."""
    from context import current_request_id, follow, submit

    together = threading.Barrier(2)

    def work():
        together.wait(WAIT_S)
        return current_request_id()

    with ThreadPoolExecutor(2) as pool, follow({"X-Request-ID": request_id}):
        futures = [submit(pool, work) for _ in range(2)]
        for future in futures:
            future.add_done_callback(lambda done: done.exception() and together.abort())
        return [told(future) for future in futures]


def told(future):
    """What a future holds: its value, or its error in words."""
    error = future.exception(WAIT_S)
    return re.sub(" at 0x[0-9a-f]+", "", f"{type(error).__name__}: {error}") if error else future.result()


class Failure(Exception):
    """What a function in the pool, or a request, raises."""


def fails_in_the_pool(request_id):
    """A submitted function raises; what does its future say, and the thread's next function?"""
    from context import current_request_id, follow, submit

    def work():
        raise Failure(current_request_id())

    with ThreadPoolExecutor(1) as pool:
        with follow({"X-Request-ID": request_id}):
            error = told(submit(pool, work))
        return {"error": error, "left": pool.submit(current_request_id).result(WAIT_S)}


def nested(outer, inner, raises):
    """Follow ``inner`` within ``outer``; with ``raises``, each block ends by an error."""
    from context import current_request_id, follow

    seen, caught = [current_request_id()], []
    try:
        with follow({"X-Request-ID": outer}):
            seen.append(current_request_id())
            try:
                with follow({"X-Request-ID": inner}):
                    seen.append(current_request_id())
                    if raises:
                        raise Failure(inner)
            except Failure as error:
                caught.append(str(error))
            seen.append(current_request_id())
            if raises:
                raise Failure(outer)
    except Failure as error:
        caught.append(str(error))
    return {"seen": [*seen, current_request_id()], "caught": caught}
