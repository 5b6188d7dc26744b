"""Keep watch over one exercise: every save is graded at once, and what happens is told.

Two threads: one waits for saves, one grades. A save during a run leads to another run after it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import threading
import time
from collections.abc import Callable
from pathlib import Path

from prodev.course import CourseError, Exercise
from prodev.grading import Report
from prodev.grading.grader import Grader
from prodev.workspace.place import Workspace

STEP_MS = 10
"""How long a folder must be quiet before a save counts as done: an editor writes and renames within it."""
_HALF_SAVED_S = 0.15
"""How long a file may be empty or gone before that counts: saving is emptying and writing, or deleting and renaming."""
_LOOK_MS = 1000
_POLL_S = 0.3
_PATIENCE_S = 1.0


@dataclasses.dataclass(frozen=True)
class Running:
    """A run has begun."""


@dataclasses.dataclass(frozen=True)
class Graded:
    """A run has ended."""

    report: Report


@dataclasses.dataclass(frozen=True)
class Broken:
    """The grader failed twice in a row, for a ``reason`` in words; the next save tries again."""

    reason: str


Event = Running | Graded | Broken


class Vigil:
    """Begins with a run; ``tell`` is called from another thread. A context manager."""

    def __init__(self, workspace: Workspace, exercise: Exercise, tell: Callable[[Event], None]) -> None:
        self._exercise = exercise
        self._folder = workspace.folder(exercise)
        self._tell = tell
        self._grader: Grader | None = None
        self._swap = threading.Lock()
        self._seen = b""
        self._began: float | None = None
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._grade, self._watch)]
        self._wake.set()

    def __enter__(self) -> Vigil:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run_again(self) -> None:
        """Run although nothing was saved."""
        self._seen = b""
        self._wake.set()

    def close(self) -> None:
        """Stop; a run that does not end soon is cut off."""
        self._stop.set()
        self._wake.set()
        grading, watching = self._threads
        grading.join(_PATIENCE_S)
        self._drop_grader()
        grading.join()
        watching.join()

    def _watch(self) -> None:
        """Wait for saves, also after the folder was removed and made again."""
        from watchfiles import watch

        while not self._stop.is_set():
            identity = _identity(self._folder)
            if identity is None:
                self._stop.wait(_POLL_S)
                continue
            self._wake.set()
            try:
                for _ in watch(
                    self._folder,
                    step=STEP_MS,
                    debounce=20 * STEP_MS,
                    rust_timeout=_LOOK_MS,
                    yield_on_timeout=True,  # to look at the files now and then, whatever was or was not announced
                    stop_event=self._stop,
                    raise_interrupt=False,
                ):
                    self._cut_short()
                    self._wake.set()
                    if _identity(self._folder) != identity:
                        break
            except OSError:  # the folder went while the watch was being set up
                self._stop.wait(_POLL_S)

    def _grade(self) -> None:
        try:
            while not self._stop.is_set():
                self._wake.wait()
                self._wake.clear()
                try:
                    seen = self._digest()
                except CourseError as error:  # the course was changed under us
                    self._tell(Broken(str(error)))
                    continue
                if self._stop.is_set() or seen == self._seen:
                    continue
                if self._is_half_saved() and self._wake.wait(_HALF_SAVED_S):
                    continue
                self._seen = seen
                self._run()
        finally:
            self._drop_grader()

    def _run(self) -> None:
        self._began = time.monotonic()
        try:
            self._grade_once()
        finally:
            self._began = None

    def _grade_once(self) -> None:
        self._tell(Running())
        reason = ""
        for _ in range(2):
            grader: Grader | None = None
            report: Report | None = None
            try:
                grader = self._grader = self._grader or Grader(self._exercise, idle=True)
                report = grader.grade(self._folder)
            except Exception as error:  # whatever broke, the watch goes on with a new grader
                reason = f"The grader failed, not you: {type(error).__name__}: {error}"
            if self._grader is not grader:
                return  # cut short, by a newer save or by the end of the watch
            if report is not None and not _is_grader_at_fault(report):
                self._tell(Graded(report))
                return
            reason = report.problem if report is not None else reason
            self._drop_grader()
        self._tell(Broken(reason))

    def _cut_short(self) -> None:
        """End a run that takes its time, such as an endless loop, when what it grades was saved anew."""
        began = self._began
        if began is not None and time.monotonic() - began > _PATIENCE_S:
            with contextlib.suppress(CourseError):  # the grading thread tells of it
                if self._digest() != self._seen:
                    self._drop_grader()

    def _drop_grader(self) -> None:
        with self._swap:
            grader, self._grader = self._grader, None
        if grader is not None:
            with contextlib.suppress(Exception):  # it was broken, and what it left ends with this process
                grader.close()

    def _is_half_saved(self) -> bool:
        """Whether a file to edit is empty or gone."""
        return any(_size(self._folder / path) == 0 for path in self._exercise.edited_files(self._exercise.starter))

    def _digest(self) -> bytes:
        """What the files to edit hold now, as far as they can be read."""
        digest = hashlib.sha256()
        paths = [*self._exercise.edited_files(self._exercise.starter), *self._exercise.edited_files(self._folder)]
        for path in dict.fromkeys(paths):
            digest.update(path.encode() + b"\0" + _content(self._folder / path) + b"\0")
        return digest.digest()


def _is_grader_at_fault(report: Report) -> bool:
    return report.outcome == "ungraded" and bool(report.problem) and not any(task.tests for task in report.tasks)


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if folder.is_dir() else None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        return f"unreadable: {error.strerror}".encode()
