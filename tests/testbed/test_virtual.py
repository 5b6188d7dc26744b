"""A loop on a virtual clock: exact times, threads that overlap, and no hanging."""

import asyncio
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

PRELUDE = """
import asyncio, signal, threading, time
from prodev.testbed import virtual
virtual.install()
"""


@pytest.fixture
def virtual():
    """The module, installed for one test; what it replaces in the standard library is put back."""
    from concurrent.futures import Future

    from prodev.testbed import virtual

    homes = [(time, name) for name in ("sleep", "monotonic", "perf_counter", "time")]
    homes += [(threading.Thread, "start"), (threading.Thread, "join"), (Future, "result")]
    homes += [(pool, name) for pool in (ThreadPoolExecutor, ProcessPoolExecutor) for name in ("submit", "shutdown")]
    before = [(home, name, home.__dict__[name]) for home, name in homes]
    virtual.install()
    yield virtual
    for home, name, value in before:
        setattr(home, name, value)


def timed(virtual, main, **options):
    """Seconds of the virtual clock, the longest gap of a heartbeat, and the value of ``main()``."""

    async def watch():
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with virtual.Heartbeat() as heart:
            value = await main()
        return round(loop.time() - began, 6), heart.longest_gap, value

    return virtual.run(watch(), **options)


def test_sleeping_costs_no_real_time(virtual):
    began = time.monotonic()

    took, gap, _ = timed(virtual, lambda: asyncio.sleep(60))

    assert (took, gap) == (60, 0.01)
    assert time.monotonic() - began < 20


def test_a_blocking_sleep_stops_the_heart(virtual):
    async def handlers():
        await asyncio.gather(*(blocking() for _ in range(10)))

    async def blocking():
        time.sleep(0.2)

    assert timed(virtual, handlers) == (2.0, 2.0, None)


def test_every_beat_is_told(virtual):
    told = []

    async def main():
        async with virtual.Heartbeat(tell=told.append):
            await asyncio.sleep(0.02)
            time.sleep(0.1)

    virtual.run(main())

    assert told == [1000, 1000.01, 1000.02, 1000.12]


def test_threads_overlap_and_the_heart_beats(virtual):
    async def handlers():
        await asyncio.gather(*(asyncio.to_thread(time.sleep, 0.2) for _ in range(10)))

    assert timed(virtual, handlers) == (0.2, 0.01, None)


def test_a_pool_has_as_many_workers_as_it_says(virtual):
    async def handlers():
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(max_workers=3) as pool:
            await asyncio.gather(*(loop.run_in_executor(pool, time.sleep, 0.2) for _ in range(10)))

    assert timed(virtual, handlers) == (0.8, 0.01, None)
    assert (
        timed(virtual, lambda: asyncio.gather(*(asyncio.to_thread(time.sleep, 1) for _ in range(5))), workers=2)[0] == 3
    )


def test_waiting_for_a_future_on_the_loop_blocks_it(virtual):
    async def handlers():
        with ThreadPoolExecutor() as pool:
            return list(pool.map(slowly, range(4)))

    assert timed(virtual, handlers) == (0.2, 0.2, [0, 1, 4, 9])


def slowly(number):
    time.sleep(0.2)
    return number * number


def test_joining_a_thread_blocks_the_loop(virtual):
    async def handlers():
        thread = threading.Thread(target=time.sleep, args=(0.3,))
        thread.start()
        thread.join()
        return thread.is_alive()

    assert timed(virtual, handlers) == (0.3, 0.3, False)


def test_computing_in_threads_shares_one_lock_and_in_processes_none(virtual):
    async def compute(pool_kind):
        loop = asyncio.get_running_loop()
        with pool_kind(4) as pool:
            await asyncio.gather(*(loop.run_in_executor(pool, virtual.burn, 0.1) for _ in range(4)))

    assert timed(virtual, lambda: compute(ThreadPoolExecutor)) == (0.4, 0.01, None)
    assert timed(virtual, lambda: compute(ProcessPoolExecutor)) == (0.1, 0.01, None)


def test_what_cannot_be_pickled_does_not_reach_a_process(virtual):
    async def compute():
        with ProcessPoolExecutor(1) as pool:
            await asyncio.get_running_loop().run_in_executor(pool, lambda: 1)

    with pytest.raises(Exception, match="pickle"):
        timed(virtual, compute)


def test_a_thread_that_fails_raises_where_it_is_awaited(virtual):
    def fail():
        time.sleep(0.1)
        raise OSError("no line")

    with pytest.raises(OSError, match="no line"):
        virtual.run(asyncio.to_thread(fail))


def test_timeouts_end_when_they_are_due(virtual):
    async def limited():
        try:
            async with asyncio.timeout(0.3):
                await asyncio.sleep(5)
        except TimeoutError:
            return "late"

    assert timed(virtual, limited) == (0.3, 0.01, "late")


def test_every_clock_of_the_standard_library_moves_along(virtual):
    async def read():
        began = time.monotonic(), time.perf_counter(), time.time()
        await asyncio.sleep(7)
        ended = time.monotonic(), time.perf_counter(), time.time()
        return [round(after - before, 6) for before, after in zip(began, ended, strict=True)]

    assert virtual.run(read()) == [7, 7, 7]


def test_waiting_for_ever_is_said_at_once(virtual):
    async def wait():
        await asyncio.Event().wait()

    with pytest.raises(virtual.Stalled, match="nobody is left"):
        virtual.run(wait())


def test_going_on_for_ever_ends_at_the_horizon(virtual):
    async def again():
        while True:
            await asyncio.sleep(1)

    with pytest.raises(virtual.Stalled, match="does not end"):
        virtual.run(again(), horizon=100)


def test_a_swallowed_cancellation_does_not_hang_the_judge(virtual):
    async def swallow():
        while True:
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                pass

    async def main():
        task = asyncio.create_task(swallow())
        await asyncio.sleep(2)
        task.cancel()
        return len((await asyncio.wait({task}, timeout=5))[0])

    assert virtual.run(main()) == 0


def test_polling_ends(virtual):
    async def poll():
        job = asyncio.get_running_loop().run_in_executor(None, slowly, 3)
        while not job.done():
            await asyncio.sleep(0)
        return job.result()

    assert virtual.run(poll()) == 9


def test_threads_that_never_end_are_left_behind(virtual):
    def forever():
        while True:
            time.sleep(1)

    async def main():
        threading.Thread(target=forever, daemon=True).start()
        await asyncio.sleep(3)
        return "done"

    assert virtual.run(main()) == "done"


def test_two_runs_give_the_same_order(virtual):
    async def race():
        order = []

        def work(number):
            time.sleep(0.1 * (number % 3))
            order.append((number, round(time.monotonic(), 3)))

        await asyncio.gather(*(asyncio.to_thread(work, number) for number in range(9)))
        return order

    first = virtual.run(race())

    assert first == virtual.run(race())
    assert [number for number, _ in first] == [0, 3, 6, 1, 4, 7, 2, 5, 8]


def test_a_signal_arrives_at_its_time(virtual):
    async def main():
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        loop.call_later(2, signal.raise_signal, signal.SIGTERM)
        await stop.wait()
        loop.remove_signal_handler(signal.SIGTERM)

    assert timed(virtual, main)[0] == 2


def test_other_threads_keep_the_real_clock(virtual):
    read = {}

    async def main():
        await asyncio.sleep(1)
        return time.monotonic()

    bystander = threading.Thread(target=lambda: read.update(at=time.monotonic()))
    bystander.start()
    bystander.join()

    assert virtual.run(main()) == 1001
    assert read["at"] != 1001
    assert time.sleep(0) is None


def test_it_has_to_be_installed():
    code = PRELUDE.replace("virtual.install()", "virtual.run(asyncio.sleep(1))")

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)

    assert "Call virtual.install()" in ended.stderr
