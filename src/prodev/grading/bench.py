"""Seats for one exercise: a judge, and all that it needs, ready ahead of need."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path

from prodev.course import Exercise
from prodev.grading.judges import Judge, Judges, is_alive
from prodev.grading.leases import Shelf
from prodev.grading.litter import own_folder
from prodev.grading.nursery import Nursery, walls
from prodev.grading.servant import WORKERS

_LEFT_OUT = {"mysql": "no MySQL"}
"""What a report says in place of an optional service that does not answer."""


@dataclasses.dataclass
class Seat:
    """A judge that waits, suite collected and services open, for a candidate that moves to ``tree``.

    ``engines`` tells what serves it, by service. Set ``is_over`` when the judge has told the end of its run, and
    add to ``kept`` the server's processes whose sessions it keeps for the next.
    """

    tree: Path
    judge: Judge
    engines: dict[str, str]
    kept: list[int]
    is_over: bool = False


class Bench:
    """Seats for one exercise. With ``warm``, the next one is made in the background as soon as one is taken back."""

    def __init__(
        self, exercise: Exercise, *, warm: bool, idle: bool, floor_s: float, judges: Judges | None = None
    ) -> None:
        """``judges`` is shared with other benches."""
        self._exercise = exercise
        self._warm = warm
        self._idle = idle
        self._floor_s = floor_s
        self._opened = ExitStack()
        self._folder = self._opened.enter_context(own_folder())
        self._warm_tree = self._folder / "warm"
        self._next: tuple[Seat, ExitStack] | None = None
        self._judge: Judge | None = None
        self._usher: threading.Thread | None = None
        self._door = threading.Lock()
        self._is_closed = False
        self._shelf = self._opened.enter_context(contextlib.closing(Shelf(exercise, again=warm)))
        self._workers = self._opened.enter_context(contextlib.closing(self._open_workers()))
        self._judges = judges or Judges()
        self._held = ExitStack()
        self._suite = self._held.enter_context(self._judges.collected(exercise))
        if warm:
            self.prepare()

    def close(self) -> None:
        """End every process and remove every scratch file; another thread may be in the middle of a run."""
        with self._door:
            self._is_closed = True
        self._drop_next()
        self._held.close()
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
        if not self._suite.is_current():  # an author has changed it
            self._drop_next()
            self._held.close()
            self._suite = self._held.enter_context(self._judges.collected(self._exercise))
        self._wait()
        (seat, opened), self._next = self._next or self._new_seat(), None
        try:
            yield seat
        finally:
            if seat.is_over and seat.judge.is_fresh() and not self._is_closed:
                self._judge = seat.judge
            else:
                seat.judge.close()
                seat.kept.clear()
            opened.close()
            if self._warm:
                self.prepare()

    @cached_property
    def isolation(self) -> str:
        """What stands between a candidate and this machine."""
        return walls(self._workers.socket)

    def is_sound(self) -> bool:
        """Whether both nurseries answer."""
        return is_alive(self._suite.nursery) and is_alive(self._workers)

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
        judge, self._judge = self._judge or Judge(self._suite.nursery, self._workers), None
        try:
            with ExitStack() as opened:
                folder = Path(tempfile.mkdtemp(dir=self._folder))
                opened.callback(shutil.rmtree, folder, ignore_errors=True)
                folder.chmod(0o755)  # for a candidate of another user; the bench's folder keeps others out
                (folder / "scratch").mkdir()
                kept: list[int] = []
                services = opened.enter_context(self._shelf.lease(kept))
                given = {"folder": str(folder), "services": services, "warm_tree": str(self._warm_tree)}
                judge.order(sit=given | {"floor_s": self._floor_s, "idle": self._idle})
                engines = {name: lease["served"] for name, lease in services.items() if "served" in lease}
                engines |= {name: _LEFT_OUT[name] for name in self._exercise.optional_services if name not in engines}
                return Seat(folder / "tree", judge, engines, kept), opened.pop_all()
        except BaseException:
            judge.close()
            raise

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


def _imports_of(probes: Path) -> list[str]:
    """Modules of the standard library that the probes import: every worker would, one after another."""
    if not probes.is_file():
        return []
    names = re.findall(r"^(?:import|from) ([\w.]+)", probes.read_text(encoding="utf-8"), re.MULTILINE)
    return [name for name in names if name.partition(".")[0] in sys.stdlib_module_names and name != "__future__"]
