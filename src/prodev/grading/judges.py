"""Where judges come from; ``judge`` is their inside."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import select
import threading
from collections.abc import Iterator
from pathlib import Path

from prodev.course import Exercise
from prodev.grading.clock import START_S
from prodev.grading.nursery import Nursery, fork, walls

_MOST_JUDGED = 100


class Judge:
    """A process with the suite collected, that judges one candidate after another, told by lines."""

    def __init__(self, nursery: Nursery, workers: Nursery) -> None:
        self.events, theirs = os.pipe()
        orders, self._orders = os.pipe()
        try:
            self._process = fork(nursery.socket, {}, (theirs, workers.socket.fileno(), orders))
        except BaseException:
            for fd in (self.events, self._orders):
                os.close(fd)
            raise
        finally:
            for fd in (theirs, orders):
                os.close(fd)
        self._judged = 0

    def order(self, **what: object) -> None:
        """Tell it ``sit``, or ``run``; see ``judge.host``."""
        self._judged += "run" in what
        with contextlib.suppress(BrokenPipeError):  # it ended, and its events will say so by not coming
            os.write(self._orders, json.dumps(what).encode() + b"\n")

    def is_fresh(self) -> bool:
        """Whether it may judge once more: what little a run leaves in memory must not add up."""
        return self._judged < _MOST_JUDGED

    def is_ready(self) -> bool:
        """Wait until it is ready for a candidate; False when it ended instead."""
        line = b""
        while not line.endswith(b"\n"):
            if not select.select([self.events], [], [], START_S)[0] or not (byte := os.read(self.events, 1)):
                return False
            line += byte
        return True

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.close()
        for fd in (self.events, self._orders):
            os.close(fd)


@dataclasses.dataclass
class Suite:
    """A suite as its files were when ``nursery`` began to collect it, and how many hold on to it."""

    exercise: Exercise
    stamp: bytes
    nursery: Nursery
    holders: int = 0

    def is_current(self) -> bool:
        """Whether no author has changed it since."""
        return self.stamp == _stamp(self.exercise)


class Judges:
    """Suites, each collected once for all graders that judge by it; from several threads, too."""

    def __init__(self) -> None:
        self._door = threading.Lock()
        self._collected: dict[Path, Suite] = {}

    @contextlib.contextmanager
    def collected(self, exercise: Exercise) -> Iterator[Suite]:
        """Lend the suite of ``exercise`` as it is now; when the last gives it back, its nursery ends."""
        with self._door:
            suite = self._collected.get(exercise.tests)
            if suite is None or not suite.is_current() or not is_alive(suite.nursery):
                suite = self._collected[exercise.tests] = _collect(exercise)
            suite.holders += 1
        try:
            yield suite
        finally:
            with self._door:
                suite.holders -= 1
                if not suite.holders:
                    suite.nursery.close()
                    if self._collected.get(exercise.tests) is suite:
                        del self._collected[exercise.tests]


def is_alive(nursery: Nursery) -> bool:
    """Whether a nursery answers."""
    try:
        return bool(walls(nursery.socket))
    except ChildProcessError:
        return False


def _collect(exercise: Exercise) -> Suite:
    stamp = _stamp(exercise)
    hosted = {"root": str(exercise.root), "module": exercise.module, "slug": exercise.slug}
    return Suite(exercise, stamp, Nursery(*_testbed_of(exercise), host="prodev.grading.judge:host", hosted=hosted))


def _stamp(exercise: Exercise) -> bytes:
    """Changes when the suite does, or what is said of the exercise."""
    files = [exercise.tests.with_name("exercise.toml"), *sorted(exercise.tests.rglob("*"))]
    found = [
        (path.as_posix(), path.stat()) for path in files if path.suffix in (".py", ".toml", ".sql") and path.is_file()
    ]
    return repr([(name, stat.st_mtime_ns, stat.st_size) for name, stat in found]).encode()


def _testbed_of(exercise: Exercise) -> list[str]:
    """What the judge's nursery imports ahead of need."""
    rooms = {"postgres": ["database", "tap"], "mysql": ["mysql_database"]}
    named = (*exercise.services, *exercise.optional_services)
    return [f"prodev.testbed.{room}" for name in named for room in rooms[name]]
