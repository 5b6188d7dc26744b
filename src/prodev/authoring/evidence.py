"""What is known of an exercise while its promises are kept: every expensive grading, made once."""

from __future__ import annotations

import dataclasses
import json
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from prodev.course import Course, CourseError, Exercise
from prodev.errors import ProDevError, Unavailable
from prodev.grading import Grader, Report, layers_of

if TYPE_CHECKING:
    from prodev.authoring.mutants import Hunt

FIRST_SEED, OTHER_SEED, OTHER_ORDER = 1, 20_261_120, 7


@dataclasses.dataclass(frozen=True)
class Breach:
    """One way in which a promise is broken: ``what`` is broken and where, and how to ``mend`` it."""

    what: str
    mend: str


def breach_of(course: Course, error: ProDevError) -> Breach:
    """Tell an error of the course's data as a breach, its paths relative to the course."""
    return Breach(error.problem.replace(f"{course.root}/", ""), error.remedy or "Mend it there.")


class MarkedTest(msgspec.Struct, frozen=True):
    """A collected test: how many task marks it carries, the task when it is one, its docstring."""

    id: str
    task: str
    marks: int
    title: str


class SuiteBroken(CourseError):
    """The suite itself does not run, so nothing that rests on a grading can be known."""


class Evidence:
    """An exercise, its course, and one report for each candidate and way of grading it.

    Opens a grader of its own when it first needs one and is given none.
    """

    def __init__(self, course: Course, exercise: Exercise, *, grader: Grader | None = None) -> None:
        self.course = course
        self.exercise = exercise
        self.hunted: Hunt | None = None
        self._given_grader = grader
        self._open = ExitStack()
        self.report = cache(self._report)

    def __enter__(self) -> Evidence:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def place(self, path: Path) -> str:
        """``path`` as an author types it: relative to the course."""
        return path.relative_to(self.course.root).as_posix()

    @cached_property
    def grader(self) -> Grader:
        """The one warm grader of this exercise."""
        return self._given_grader or self._open.enter_context(Grader(self.exercise))

    @cached_property
    def marked_tests(self) -> list[MarkedTest]:
        """The tests that pytest collects. Raises SuiteBroken when it cannot."""
        command = [sys.executable, "-m", "prodev.authoring.collection", str(self.exercise.tests)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        try:
            told = json.loads(done.stdout.splitlines()[-1])
        except (IndexError, ValueError):
            told = {"problem": done.stderr.strip() or "pytest said nothing", "tests": []}
        if told["problem"]:
            raise SuiteBroken(
                f"{self.place(self.exercise.tests)} does not load: {told['problem']}",
                remedy="Mend the suite's imports.",
            )
        return msgspec.convert(told["tests"], list[MarkedTest])

    @cached_property
    def order(self) -> list[str]:
        """Every slug that a module orders, as a learner meets them; whether each exists is the module's own promise."""
        tables = sorted(self.course.root.glob("modules/*/module.toml"))
        return [slug for table in tables for slug in tomllib.loads(table.read_text(encoding="utf-8")).get("order", [])]

    @cached_property
    def accepted(self) -> list[Path]:
        """The accepted variants, listed once: an author may add one while the check runs."""
        return self.exercise.accepted

    @cached_property
    def misconceptions(self) -> list[Path]:
        """The folders of misconceptions, listed once as well."""
        return self.exercise.misconception_folders

    @cached_property
    def candidates(self) -> list[Path]:
        """The bank: starter, reference, accepted variants, misconceptions."""
        return [self.exercise.starter, self.exercise.reference, *self.accepted, *self.misconceptions]

    @cached_property
    def reports(self) -> dict[Path, Report]:
        """The first report of every candidate in the bank."""
        return {folder: self.report(folder) for folder in self.candidates}

    def _report(self, folder: Path, seed: int = FIRST_SEED, order: int | None = None, run: int = 1) -> Report:
        """Grade one candidate of the bank, for the ``run``-th time with this seed and order.

        Raises Unavailable or SuiteBroken when nothing could be graded.
        """
        del run  # it only tells repetitions apart in the cache
        report = self.grader.grade(*layers_of(self.exercise, folder), seed=seed, order=order)
        if any(task.outcome == "ungraded" for task in report.tasks):
            raise self._why_not(report)
        return report

    def _why_not(self, report: Report) -> Exception:
        missing = [name for name in self.exercise.services if name not in report.engines]
        missing += [tool for tool in self.exercise.tools if shutil.which(tool) is None]
        said = report.problem or next(task.first_message for task in report.tasks if task.outcome == "ungraded")
        if missing:
            return Unavailable(f"{', '.join(missing)} cannot be had here: {said}", remedy=report.remedy)
        return SuiteBroken(f"{self.place(self.exercise.tests)} does not run: {said}", remedy="Mend the suite first.")


def failed_tasks(report: Report) -> list[str]:
    """The ids of the tasks that did not pass, in the order of exercise.toml."""
    return [task.id for task in report.tasks if task.outcome != "passed"]


def failing_messages(report: Report) -> Iterator[tuple[str, str]]:
    """Test id and message of every test that did not pass."""
    for task in report.tasks:
        for test in task.tests:
            if test.outcome != "passed":
                yield test.id, test.message
