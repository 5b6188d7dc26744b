"""A toy course of one's own, to be broken."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from prodev.authoring import Promise, check_exercise
from prodev.course import Course

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

    def told(self, promises: Sequence[Promise], slug: str = "count-nights") -> str:
        course = Course(self.root)
        verdict = check_exercise(course, course.exercise(slug), promises=promises)
        return "" if verdict.good else "\n".join(verdict.lines())


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    shutil.copytree(TOY, tmp_path / "course", ignore=shutil.ignore_patterns("__pycache__"))
    return Toy(tmp_path / "course")
