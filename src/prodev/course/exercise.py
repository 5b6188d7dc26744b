"""An exercise: what ``exercise.toml`` says, and what its path already says."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Literal

import msgspec

from prodev.course.reading import SLUG, CourseError, read_toml

Level = Literal["warm-up", "core", "stretch"]


class Task(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing the learner must make true; all or nothing."""

    id: str
    title: str
    points: int = 0
    hints: tuple[str, ...] = ()
    given: bool = False


class Misconception(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One wrong idea: what its holder believes, what it must fail, and a phrase of the message."""

    belief: str
    fails: tuple[str, ...]
    says: str


class _ExerciseToml(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    edit: tuple[str, ...]
    level: Level
    minutes: int
    concepts: tuple[str, ...]
    task: tuple[Task, ...]
    lesson: str | None = None
    requires: tuple[str, ...] = ()
    services: tuple[Literal["postgres"], ...] = ()
    optional_services: tuple[Literal["mysql"], ...] = ()
    tools: tuple[str, ...] = ()
    timeout_s: float = 10.0
    app: str | None = None
    preload: tuple[str, ...] = ()


class Exercise:
    """One exercise of the pristine tree.

    ``folder`` holds the brief, the starter and the suite; ``solution`` holds the reference, the
    accepted variants, the misconceptions and ``why.md``. Every field of ``exercise.toml`` is an
    attribute (``edit``, ``level``, ``app``…); it is read on first use and raises CourseError.
    """

    def __init__(self, root: Path, module: str, slug: str) -> None:
        self.root = root
        self.module = module
        self.slug = slug
        self.folder = root / "exercises" / module / slug
        self.solution = root / "solutions" / module / slug
        self.brief = self.folder / "README.md"
        self.starter = self.folder / "starter"
        self.tests = self.folder / "tests"
        self.why = self.solution / "why.md"
        self.reference = self.solution / "reference"

    def __repr__(self) -> str:
        return f"Exercise({self.module}/{self.slug})"

    @cached_property
    def _toml(self) -> _ExerciseToml:
        path = self.folder / "exercise.toml"
        data = read_toml(path, _ExerciseToml)
        _refuse_contradictions(path, data)
        return data

    @property
    def title(self) -> str:
        return self._toml.title

    @property
    def edit(self) -> tuple[str, ...]:
        """Paths or globs, relative to the candidate's folder, that are taken from a candidate."""
        return self._toml.edit

    @property
    def level(self) -> Level:
        return self._toml.level

    @property
    def minutes(self) -> int:
        return self._toml.minutes

    @property
    def concepts(self) -> tuple[str, ...]:
        return self._toml.concepts

    @property
    def lesson(self) -> str | None:
        """The slug of the lesson it rests on."""
        return self._toml.lesson

    @property
    def requires(self) -> tuple[str, ...]:
        return self._toml.requires

    @property
    def services(self) -> tuple[str, ...]:
        return self._toml.services

    @property
    def optional_services(self) -> tuple[str, ...]:
        """Services that the suite asks as well where they answer; it can decide without them."""
        return self._toml.optional_services

    @property
    def tools(self) -> tuple[str, ...]:
        """Programs that must be on the PATH of the grading machine."""
        return self._toml.tools

    @property
    def timeout_s(self) -> float:
        """Seconds that the whole suite may take."""
        return self._toml.timeout_s

    @property
    def app(self) -> str | None:
        """``module:attribute`` of the WSGI application behind ``candidate.http``."""
        return self._toml.app

    @property
    def preload(self) -> tuple[str, ...]:
        """Modules that a warm worker imports before it meets a candidate."""
        return self._toml.preload

    @property
    def tasks(self) -> tuple[Task, ...]:
        return self._toml.task

    @property
    def points(self) -> int:
        return sum(task.points for task in self.tasks)

    def task(self, task_id: str) -> Task:
        return next(task for task in self.tasks if task.id == task_id)

    def is_edited(self, path: str | PurePosixPath) -> bool:
        """Whether ``path`` (relative, with ``/``) is one that the candidate may bring."""
        return any(_matches(str(path), pattern) for pattern in self.edit)

    def edited_files(self, folder: Path) -> list[str]:
        """Relative paths below ``folder`` that the learner edits, in ``edit``'s order."""
        present = sorted(_files_below(folder))
        return [path for pattern in self.edit for path in present if _matches(path, pattern)]

    @cached_property
    def misconceptions(self) -> dict[str, Misconception]:
        """By folder name, in the order of ``misconceptions.toml``."""
        return read_toml(self.solution / "misconceptions.toml", dict[str, Misconception])

    @property
    def accepted(self) -> list[Path]:
        return sorted(_folders(self.solution / "accepted"))

    @property
    def misconception_folders(self) -> list[Path]:
        return sorted(_folders(self.solution / "misconceptions"))


def _matches(path: str, pattern: str) -> bool:
    if pattern.endswith("/**"):
        return path.startswith(pattern[:-2])
    return fnmatch(path, pattern) and path.count("/") == pattern.count("/")


def _files_below(folder: Path) -> Iterator[str]:
    for parent, folders, names in os.walk(folder):  # unlike rglob, it bears a folder that goes away meanwhile
        folders[:] = [name for name in folders if name != "__pycache__"]
        for path in (Path(parent, name) for name in names):
            if path.is_file():
                yield path.relative_to(folder).as_posix()


def _folders(parent: Path) -> Iterator[Path]:
    if parent.is_dir():
        yield from (path for path in parent.iterdir() if path.is_dir() and path.name != "__pycache__")


def _refuse_contradictions(path: Path, data: _ExerciseToml) -> None:
    ids = [task.id for task in data.task]
    for task in data.task:
        if not SLUG.fullmatch(task.id):
            raise CourseError(f"{path}: task id '{task.id}' is not a slug.", remedy="Use [a-z][a-z0-9-]{1,31}.")
        if ids.count(task.id) > 1:
            raise CourseError(f"{path}: two tasks are called '{task.id}'.", remedy="Rename one of them.")
        if task.given and task.points:
            raise CourseError(
                f"{path}: task '{task.id}' is given and is worth {task.points} points.",
                remedy="A given task is worth 0: remove its points.",
            )
        if len(task.hints) > 3:
            raise CourseError(f"{path}: task '{task.id}' has {len(task.hints)} hints.", remedy="Keep three at most.")
    if not data.edit or not data.task:
        raise CourseError(f"{path}: an exercise has at least one file in 'edit' and one [[task]].")
    for pattern in data.edit:
        if PurePosixPath(pattern).is_absolute() or ".." in PurePosixPath(pattern).parts:
            raise CourseError(f"{path}: edit path '{pattern}' leaves the folder.", remedy="Use a relative path.")
    if data.minutes <= 0 or data.timeout_s <= 0:
        raise CourseError(f"{path}: 'minutes' and 'timeout_s' are above zero.")
