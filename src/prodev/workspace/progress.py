"""What the learner has done: one JSON file in the workspace, committed with the answers."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from prodev.errors import ProDevError

_PATIENCE_S = 10


class NotRecorded(ProDevError):
    """The progress file could not be read or written; answers and grades are not touched by it."""


class Attempt(msgspec.Struct, omit_defaults=True):
    """One exercise. ``earned`` is the best so far; ``tasks`` is how each ended in the last run.

    ``hints`` counts those shown, by task; times are ISO 8601 in UTC, empty for never.
    """

    started: str = ""
    runs: int = 0
    earned: int = 0
    passed: str = ""
    tasks: dict[str, str] = {}
    hints: dict[str, int] = {}
    solution_asked: str = ""
    solution_opened: str = ""


class Reading(msgspec.Struct, omit_defaults=True):
    """One lesson: when its copy was opened, and the digest of that copy as it was made."""

    opened: str = ""
    digest: str = ""


class Progress(msgspec.Struct):
    """Everything: the exercise last worked on, exercises and lessons by slug."""

    schema: int = 1
    current: str = ""
    exercises: dict[str, Attempt] = {}
    lessons: dict[str, Reading] = {}

    def attempt(self, slug: str) -> Attempt:
        """The record of an exercise, made when there is none."""
        return self.exercises.setdefault(slug, Attempt())

    def reading(self, slug: str) -> Reading:
        """The record of a lesson, made when there is none."""
        return self.lessons.setdefault(slug, Reading())

    def has_passed(self, slug: str) -> bool:
        return slug in self.exercises and bool(self.exercises[slug].passed)


class ProgressFile:
    """Read it at any time; change it one at a time, in one step that is seen whole or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Progress:
        """What is recorded; nothing yet when there is no file. Raises NotRecorded for a broken one."""
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=Progress)
        except FileNotFoundError:
            return Progress()
        except (OSError, msgspec.DecodeError) as error:
            raise NotRecorded(
                f"Your progress in {self.path} cannot be read: {error}.",
                remedy=f"Your answers are safe. Mend the file, or move it away: mv {self.path} {self.path}.broken",
            ) from error

    @contextlib.contextmanager
    def change(self) -> Iterator[Progress]:
        """Hand out the progress to change, then write it. Raises NotRecorded when the disk refuses."""
        try:
            with _locked(self.path.with_name(".progress.lock")):
                progress = self.read()
                yield progress
                self._write(progress)
        except TimeoutError:
            raise NotRecorded(
                f"Another command has kept {self.path} locked for {_PATIENCE_S} s, so this was not recorded.",
                remedy="Wait for it to end and run this again.",
            ) from None
        except OSError as error:
            raise NotRecorded(
                f"Your progress could not be recorded in {self.path}: {error.strerror}.",
                remedy="Your answers are safe. Make that folder writable and run this again.",
            ) from error

    def _write(self, progress: Progress) -> None:
        content = msgspec.json.format(msgspec.json.encode(progress, order="sorted"), indent=2)
        write_whole(self.path, content + b"\n")


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock of ``path`` alone. Raises TimeoutError, OSError.

    By hand, because importing a library for it would cost each run more than the lock itself.
    """
    with path.open("w") as file:
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise TimeoutError from None
                time.sleep(0.02)
        yield  # closing the file gives the lock back, and so does the end of the process


def write_whole(path: Path, content: bytes) -> None:
    """Replace the file in one step: whoever reads meanwhile, or cuts the power, sees the old or the new."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def now() -> str:
    """This second, for the record."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
