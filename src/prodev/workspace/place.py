"""Where the workspace is, and where things are in it."""

from __future__ import annotations

import dataclasses
import tomllib
from functools import cached_property
from pathlib import Path

from prodev.course import Course, CourseError, Exercise, Lesson
from prodev.errors import ProDevError
from prodev.workspace.progress import ProgressFile

MARKER = "prodev.toml"
"""The file that makes a folder a workspace."""


class NoWorkspace(ProDevError):
    """There is no workspace yet."""


@dataclasses.dataclass(frozen=True)
class Workspace:
    """The learner's own repository."""

    root: Path

    @cached_property
    def progress(self) -> ProgressFile:
        """What was done in it."""
        return ProgressFile(self.root / "progress.json")

    @property
    def edition(self) -> str:
        """The edition of the course that it was made with; empty when its file does not say."""
        try:
            said = tomllib.loads((self.root / MARKER).read_text(encoding="utf-8")).get("edition", "")
        except (OSError, ValueError):
            return ""
        return str(said)

    def folder(self, exercise: Exercise) -> Path:
        """Where the learner works on ``exercise``."""
        return self.root / exercise.module / exercise.slug

    def notebook(self, lesson: Lesson) -> Path:
        """Where the learner's copy of ``lesson`` is."""
        return self.root / "lessons" / lesson.module / f"{lesson.slug}.ipynb"

    def is_started(self, exercise: Exercise) -> bool:
        return self.folder(exercise).is_dir()

    def exercise_at(self, place: Path, course: Course) -> Exercise | None:
        """The exercise in whose folder ``place`` lies."""
        if not place.is_relative_to(self.root):
            return None
        match place.relative_to(self.root).parts:
            case (module, slug, *_) if (course.root / "exercises" / module / slug).is_dir():
                return Exercise(course.root, module, slug)
            case _:
                return None


def find(course: Course, *, start: Path) -> Workspace:
    """Find the workspace: around ``start``, in the clone, or where the last one was made.

    Raises NoWorkspace when there is none.
    """
    for folder in (start, *start.parents, course.root / "workspace"):
        if (folder / MARKER).is_file():
            return Workspace(folder)
    remembered = _remembered()
    if remembered is not None and (remembered / MARKER).is_file():
        return Workspace(remembered)
    raise NoWorkspace("You have no workspace yet: the folder that will hold your own answers.", remedy="prodev init")


def locate(workspace: Workspace, course: Course, name: str | None, *, start: Path) -> Exercise:
    """The exercise that ``name`` means: a slug, the beginning of one, or a path into its folder.

    Without a name it is the one that ``start`` lies in, or else the one last started. Raises
    CourseError for a name that fits none, NoWorkspace when nothing was started.
    """
    here = workspace.exercise_at((start / (name or ".")).resolve(), course)
    if here is not None and (name is None or (start / name).exists()):
        return here
    if name is not None:
        return _exercise_called(name, course)
    current = workspace.progress.read().current
    if not current:
        raise NoWorkspace("Which exercise? You have not started one yet.", remedy="prodev start")
    return course.exercise(current)


def _exercise_called(name: str, course: Course) -> Exercise:
    try:
        return course.exercise(name)
    except CourseError as error:
        try:
            lesson = course.lesson(name)
        except CourseError:
            raise error from None
        said = f"'{lesson.slug}' is a lesson, not an exercise."
        raise ProDevError(said, remedy=f"prodev lesson {lesson.slug}") from None


def remember(workspace: Workspace) -> None:
    """Keep its path, so that it is found from anywhere; a home that cannot be written to is left alone."""
    note = _note()
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(f"{workspace.root}\n", encoding="utf-8")
    except OSError:
        pass  # a convenience: the workspace is still found from inside it


def _remembered() -> Path | None:
    try:
        return Path(_note().read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError):
        return None


def _note() -> Path:
    from platformdirs import user_state_path

    return user_state_path("prodev") / "workspace"
