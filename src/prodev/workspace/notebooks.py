"""The learner's copies of the lessons: theirs to run and to change, never overwritten once they did."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
from pathlib import Path
from typing import Literal

from prodev.course import Lesson
from prodev.workspace.place import Workspace
from prodev.workspace.progress import now, write_whole

State = Literal["new", "same", "renewed", "kept"]


@dataclasses.dataclass(frozen=True)
class Copy:
    """A learner's copy. ``kept``: they changed it, and the course's lesson has moved on since."""

    path: Path
    state: State


def place_copy(workspace: Workspace, lesson: Lesson, *, opened: bool = True) -> Copy:
    """Copy the lesson with the files beside it into the workspace, and note that it was opened.

    A copy that the learner did not change follows the course; one that they did stays as it is.
    """
    target = workspace.notebook(lesson)
    content = _content_of(lesson)
    with workspace.progress.change() as progress:
        reading = progress.reading(lesson.slug)
        state = _state(target, content, reading.digest)
        if state in ("new", "renewed"):
            target.parent.mkdir(parents=True, exist_ok=True)
            write_whole(target, content)
            reading.digest = _digest(content)
        if opened:
            reading.opened = reading.opened or now()
    _place_files(lesson.path.parent / "files", target.parent / "files")
    return Copy(target, state)


def set_aside(path: Path) -> Path:
    """Rename a copy, so that a fresh one can take its place."""
    number = 1
    while (aside := path.with_name(f"{path.stem}.mine-{number}{path.suffix}")).exists():
        number += 1
    return path.rename(aside)


def _content_of(lesson: Lesson) -> bytes:
    """The notebook, with its links to exercises leading into a workspace."""
    return lesson.path.read_bytes().replace(b"](../../exercises/", b"](../../")


def _state(target: Path, content: bytes, placed: str) -> State:
    if not target.exists():
        return "new"
    present = target.read_bytes()
    if present == content:
        return "same"
    if _digest(present) == placed:
        return "renewed"
    return "same" if placed == _digest(content) else "kept"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _place_files(source: Path, target: Path) -> None:
    """Put what the notebooks of a module read beside the copies; files that are there stay."""
    for path in sorted(source.rglob("*")) if source.is_dir() else ():
        copy = target / path.relative_to(source)
        if path.is_file() and "__pycache__" not in path.parts and not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
