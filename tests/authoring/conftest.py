"""A toy course of one's own, to be broken."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from prodev.authoring import Promise, check_exercise
from prodev.course import Course
from prodev.grading import Grader

TOY = Path(__file__).parents[1] / "toy_course"


class Toy:
    """A copy of the toy course; ``replace`` and ``write`` break it, ``told`` says what check has to say."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.exercise = root / "exercises/00-stays/count-nights"
        self.solution = root / "solutions/00-stays/count-nights"
        self.module = root / "modules/00-stays"

    def replace(self, path: str, old: str, new: str) -> None:
        """Replace ``old``, which must be there; ``E``, ``S`` and ``M`` in a path are short for three folders."""
        file = self.at(path)
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{file} holds no {old!r}"
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def write(self, path: str, text: str) -> None:
        file = self.at(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def remove(self, path: str) -> None:
        file = self.at(path)
        shutil.rmtree(file) if file.is_dir() else file.unlink()

    def at(self, path: str) -> Path:
        short, _, rest = path.partition("/")
        folder = {"E": self.exercise, "S": self.solution, "M": self.module}.get(short)
        return folder / rest if folder else self.root / path

    def told(self, promises: Sequence[Promise], slug: str = "count-nights", grader: Grader | None = None) -> str:
        course = Course(self.root)
        verdict = check_exercise(course, course.exercise(slug), promises=promises, grader=grader)
        return "" if verdict.good else "\n".join(verdict.lines())


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("authoring") / "course")


@pytest.fixture
def toy(root: Path) -> Toy:
    """The toy, whole again for each test and always in one place."""
    shutil.rmtree(root)
    return Toy(copied(root))


@pytest.fixture(scope="session")
def grader(root: Path) -> Iterator[Grader]:
    """A warm grader of the toy's ``count-nights``: each run reads suite and candidates afresh."""
    shutil.rmtree(root)  # whichever test came first may have left its breach there
    exercise = Course(copied(root)).exercise("count-nights")
    assert exercise.points == 3
    with Grader(exercise) as grader:
        yield grader


def copied(root: Path) -> Path:
    shutil.copytree(TOY, root, ignore=shutil.ignore_patterns("__pycache__"))
    return root
