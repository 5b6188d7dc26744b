"""Judges for one exercise, and all that they need: nurseries, services, and one judge ready ahead of need."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
import select
import shutil
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any

from prodev.course import Exercise
from prodev.grading.clock import START_S
from prodev.grading.leases import Shelf
from prodev.grading.litter import own_folder
from prodev.grading.nursery import Nursery, fork, walls
from prodev.grading.servant import WORKERS

_MOST_JUDGED = 100
_LEFT_OUT = {"mysql": "no MySQL"}
"""What a report says in place of an optional service that does not answer."""


class Judge:
    """A process with the suite collected, that judges one candidate after another, told by lines."""

    def __init__(self, nursery: socket.socket, workers: socket.socket) -> None:
        self.events, theirs = os.pipe()
        orders, self._orders = os.pipe()
        try:
            self._process = fork(nursery, {}, (theirs, workers.fileno(), orders))
        except BaseException:
            for fd in (self.events, self._orders):
                os.close(fd)
            raise
        finally:
            for fd in (theirs, orders):
                os.close(fd)
        self._judged = 0

    def order(self, **what: dict[str, Any]) -> None:
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
class Seat:
    """A judge that waits, suite collected and services open, for a candidate that moves to ``tree``.

    ``engines`` tells what serves it, by service. Set ``is_over`` when the judge has told the end of its run.
    """

    tree: Path
    judge: Judge
    engines: dict[str, str]
    is_over: bool = False


class Bench:
    """Seats for one exercise. With ``warm``, the next one is made in the background as soon as one is taken back."""

    def __init__(self, exercise: Exercise, *, warm: bool, idle: bool, floor_s: float) -> None:
        self._exercise = exercise
        self._warm = warm
        self._idle = idle
        self._floor_s = floor_s
        self._opened = ExitStack()
        self._folder = self._opened.enter_context(own_folder())
        self._warm_tree = self._folder / "warm"
        self._suite = b""
        self._next: tuple[Seat, ExitStack] | None = None
        self._judge: Judge | None = None
        self._usher: threading.Thread | None = None
        self._door = threading.Lock()
        self._is_closed = False
        self._shelf = self._opened.enter_context(contextlib.closing(Shelf(exercise)))
        self._workers = self._opened.enter_context(contextlib.closing(self._open_workers()))
        self._judges = self._open_judges()
        if warm:
            self.prepare()

    def close(self) -> None:
        """End every process and remove every scratch file; another thread may be in the middle of a run."""
        with self._door:
            self._is_closed = True
        self._drop_next()
        self._judges.close()
        self._opened.close()

    @contextlib.contextmanager
    def tray(self) -> Iterator[Path]:
        """Lend a folder in which a candidate can be laid out, and from which it moves to its seat."""
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextlib.contextmanager
    def seat(self) -> Iterator[Seat]:
        """Lend the seat that was made ahead, or a new one. Raises ChildProcessError when none can be had."""
        if _stamp(self._exercise) != self._suite:  # an author has changed the suite
            self._drop_next()
            self._judges.close()
            self._judges = self._open_judges()
        self._wait()
        (seat, opened), self._next = self._next or self._new_seat(), None
        try:
            yield seat
        finally:
            if seat.is_over and seat.judge.is_fresh() and not self._is_closed:
                self._judge = seat.judge
            else:
                seat.judge.close()
            opened.close()
            if self._warm:
                self.prepare()

    @cached_property
    def isolation(self) -> str:
        """What stands between a candidate and this machine."""
        return walls(self._workers.socket)

    def is_sound(self) -> bool:
        """Whether both nurseries answer."""
        try:
            return all(walls(nursery.socket) for nursery in (self._judges, self._workers))
        except ChildProcessError:
            return False

    def prepare(self) -> None:
        """Begin to make the next seat, in the background."""
        with self._door:
            if not self._is_closed:
                self._usher = threading.Thread(target=self._make_next, daemon=True)
                self._usher.start()

    def _make_next(self) -> None:
        with contextlib.suppress(Exception):  # whatever it is, the next run meets it again, and reports it
            seat, opened = self._new_seat()
            if seat.judge.is_ready():
                self._next = seat, opened
            else:
                seat.judge.close()
                opened.close()

    def _wait(self) -> None:
        if self._usher is not None:
            self._usher.join()
            self._usher = None

    def _drop_next(self) -> None:
        self._wait()
        made, self._next = self._next, None
        judge, self._judge = self._judge, None
        if judge is not None:
            judge.close()
        if made is not None:
            seat, opened = made
            seat.judge.close()
            opened.close()

    def _new_seat(self) -> tuple[Seat, ExitStack]:
        """A seat, and what to close after its judge."""
        judge, self._judge = self._judge or Judge(self._judges.socket, self._workers.socket), None
        try:
            with ExitStack() as opened:
                folder = Path(tempfile.mkdtemp(dir=self._folder))
                opened.callback(shutil.rmtree, folder, ignore_errors=True)
                folder.chmod(0o755)  # for a candidate of another user; the bench's folder keeps others out
                (folder / "scratch").mkdir()
                services = opened.enter_context(self._shelf.lease())
                given = {"folder": str(folder), "services": services, "warm_tree": str(self._warm_tree)}
                judge.order(sit=given | {"floor_s": self._floor_s, "idle": self._idle})
                engines = {name: lease["served"] for name, lease in services.items() if "served" in lease}
                engines |= {name: _LEFT_OUT[name] for name in self._exercise.optional_services if name not in engines}
                return Seat(folder / "tree", judge, engines), opened.pop_all()
        except BaseException:
            judge.close()
            raise

    def _open_judges(self) -> Nursery:
        exercise = self._exercise
        self._suite = _stamp(exercise)
        hosted = {"root": str(exercise.root), "module": exercise.module, "slug": exercise.slug}
        return Nursery(*_testbed_of(exercise), host="prodev.grading.judge:host", hosted=hosted)

    def _open_workers(self) -> Nursery:
        exercise = self._exercise
        environ = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "TZ": "UTC"}
        probes = str(exercise.tests / "probes.py")
        behind = {"bench": str(self._folder), "readable": [probes], "probes": probes}
        preload = ["prodev.grading.worker", *_imports_of(exercise.tests / "probes.py"), *exercise.preload]
        if exercise.app is None:
            return Nursery(*preload, environ=environ, host=WORKERS, hosted=behind)
        shutil.copytree(exercise.starter, self._warm_tree, ignore=shutil.ignore_patterns("__pycache__"))
        edited = exercise.edited_files(self._warm_tree)
        environ["PRODEV_WARM_APP"] = json.dumps({"app": exercise.app, "tree": str(self._warm_tree), "edited": edited})
        environ["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/none"
        return Nursery(
            *preload, "prodev.grading.warm", path=[str(self._warm_tree)], environ=environ, host=WORKERS, hosted=behind
        )


def _stamp(exercise: Exercise) -> bytes:
    """Changes when the suite does, or what is said of the exercise."""
    files = [exercise.tests.with_name("exercise.toml"), *sorted(exercise.tests.rglob("*"))]
    found = [
        (path.as_posix(), path.stat()) for path in files if path.suffix in (".py", ".toml", ".sql") and path.is_file()
    ]
    return repr([(name, stat.st_mtime_ns, stat.st_size) for name, stat in found]).encode()


def _imports_of(probes: Path) -> list[str]:
    """Modules of the standard library that the probes import: every worker would, one after another."""
    if not probes.is_file():
        return []
    names = re.findall(r"^(?:import|from) ([\w.]+)", probes.read_text(encoding="utf-8"), re.MULTILINE)
    return [name for name in names if name.partition(".")[0] in sys.stdlib_module_names and name != "__future__"]


def _testbed_of(exercise: Exercise) -> list[str]:
    """What the judge's nursery imports ahead of need."""
    rooms = {"postgres": ["database", "tap"], "mysql": ["mysql_database"]}
    named = (*exercise.services, *exercise.optional_services)
    return [f"prodev.testbed.{room}" for name in named for room in rooms[name]]
