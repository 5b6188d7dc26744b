"""The course: its modules in order, and everything in them by slug."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import msgspec

from prodev.course.exercise import Exercise
from prodev.course.reading import CourseError, nearest, read_toml


class _ModuleToml(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    summary: str
    outcomes: tuple[str, ...]
    order: tuple[str, ...]


class Lesson:
    """A notebook of a module."""

    def __init__(self, module: str, path: Path) -> None:
        self.module = module
        self.slug = path.stem
        self.path = path

    def __repr__(self) -> str:
        return f"Lesson({self.module}/{self.slug})"

    @cached_property
    def title(self) -> str:
        """The text of the notebook's first heading."""
        for cell in json.loads(self.path.read_text(encoding="utf-8"))["cells"]:
            for line in "".join(cell["source"]).splitlines():
                if cell["cell_type"] == "markdown" and line.startswith("# "):
                    return line[2:].strip()
        raise CourseError(f"{self.path} has no '# ' heading.", remedy="Begin it with a Markdown cell '# Title'.")


class Module:
    """A week: ``module.toml`` and what it puts in order."""

    def __init__(self, root: Path, name: str) -> None:
        self.root = root
        self.name = name
        self.folder = root / "modules" / name

    def __repr__(self) -> str:
        return f"Module({self.name})"

    @cached_property
    def _toml(self) -> _ModuleToml:
        return read_toml(self.folder / "module.toml", _ModuleToml)

    @property
    def number(self) -> int:
        """The week."""
        return int(self.name.split("-", 1)[0])

    @property
    def title(self) -> str:
        return self._toml.title

    @property
    def summary(self) -> str:
        return self._toml.summary

    @property
    def outcomes(self) -> tuple[str, ...]:
        """What a learner can do afterwards, one sentence each."""
        return self._toml.outcomes

    @cached_property
    def contents(self) -> list[Lesson | Exercise]:
        """Lessons and exercises in the order of ``module.toml``.

        Raises CourseError for a name in it that is neither.
        """
        return [self._resolve(slug) for slug in self._toml.order]

    @property
    def lessons(self) -> list[Lesson]:
        return [item for item in self.contents if isinstance(item, Lesson)]

    @property
    def exercises(self) -> list[Exercise]:
        return [item for item in self.contents if isinstance(item, Exercise)]

    def _resolve(self, slug: str) -> Lesson | Exercise:
        notebook = self.folder / f"{slug}.ipynb"
        if notebook.is_file():
            return Lesson(self.name, notebook)
        if (self.root / "exercises" / self.name / slug).is_dir():
            return Exercise(self.root, self.name, slug)
        raise CourseError(
            f"{self.folder / 'module.toml'} orders '{slug}', which is neither a notebook beside it"
            f" nor a folder in exercises/{self.name}/.",
            remedy=f"Remove it from 'order', or type: prodev dev new exercise {self.name}/{slug}",
        )


class Course:
    """The pristine tree that holds ``modules/``, ``exercises/`` and ``solutions/``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        if not (root / "modules").is_dir():
            raise CourseError(
                f"No course in {root}: it has no folder 'modules'.",
                remedy="Run from the clone, or set PRODEV_COURSE to its path.",
            )

    @classmethod
    def here(cls) -> Course:
        """The course that this package was installed from, unless PRODEV_COURSE names another."""
        given = os.environ.get("PRODEV_COURSE")
        return cls(Path(given).resolve() if given else Path(__file__).resolve().parents[3])

    @cached_property
    def modules(self) -> list[Module]:
        """By week."""
        folders = sorted((self.root / "modules").iterdir())
        return [Module(self.root, folder.name) for folder in folders if (folder / "module.toml").is_file()]

    @property
    def exercises(self) -> list[Exercise]:
        """All of them, in the order that a learner meets them."""
        return [exercise for module in self.modules for exercise in module.exercises]

    @property
    def lessons(self) -> list[Lesson]:
        """All of them, in the order that a learner meets them."""
        return [lesson for module in self.modules for lesson in module.lessons]

    def exercise(self, name: str) -> Exercise:
        """Find one by slug, or by the unique beginning of one. Reads no TOML.

        Raises CourseError with a suggestion when nothing, or more than one, matches.
        """
        known = {path.name: path.parent.name for path in sorted((self.root / "exercises").glob("*/*/"))}
        slug = _pick(name, known, "exercise")
        return Exercise(self.root, known[slug], slug)

    def lesson(self, name: str) -> Lesson:
        """Find one by slug, or by the unique beginning of one; errors as ``exercise``."""
        known = {path.stem: path for path in sorted((self.root / "modules").glob("*/*.ipynb"))}
        path = known[_pick(name, known, "lesson")]
        return Lesson(path.parent.name, path)

    def module(self, name: str) -> Module:
        """Find one by folder name, week number or part of the name; errors as ``exercise``."""
        known = {module.name: module for module in self.modules}
        tails = {key.split("-", 1)[-1]: key for key in known} | {key.split("-", 1)[0]: key for key in known}
        return known[tails.get(name) or _pick(name, known, "module")]


def _pick(name: str, known: Mapping[str, object], noun: str) -> str:
    wanted = name.strip("/").rsplit("/", 1)[-1]
    if wanted in known:
        return wanted
    begun = [slug for slug in known if wanted and slug.startswith(wanted)]
    if len(begun) == 1:
        return begun[0]
    if begun:
        raise CourseError(f"'{name}' begins more than one {noun}: {', '.join(begun)}.", remedy="Type a letter more.")
    close = nearest(wanted, known)
    suggestion = f"Did you mean '{close}'?" if close else "See them all: prodev list"
    raise CourseError(f"There is no {noun} '{name}'.", remedy=suggestion)
