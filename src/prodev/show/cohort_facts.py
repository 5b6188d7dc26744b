"""What a mentor asks of a cohort's result, answered in plain data: who, what, how many, how long.

Learners and exercises are numbered from 0 in the order of the report; all texts are as they came, to be
escaped and shortened by whoever shows them.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from prodev.cohort.results import Asked, CohortReport, Handed, Result, Timings
from prodev.show.cohort_text import amount, reason_of, ungraded_of

Level = Literal["all", "most", "some", "none", "unknown", "absent"]
"""All points, at least half, fewer, none; ``unknown`` could not be graded, ``absent`` was not handed in."""
LEVELS: tuple[Level, ...] = ("all", "most", "some", "none", "unknown", "absent")
TESTS = 5
"""Tests named for an exercise, those that fail most first."""


class Cell(NamedTuple):
    """One learner's answer to one exercise. ``text`` is what the heat map shows, ``result`` is None without one."""

    learner: int
    exercise: int
    level: Level
    text: str
    result: Result | None

    @property
    def is_late(self) -> bool:
        """Whether the late policy had something to say."""
        return self.result is not None and bool(self.result.late)

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to look at: all points, in time, nothing remarked."""
        return self.level == "all" and not self.is_late and not (self.result and self.result.report.notes)


class Idea(NamedTuple):
    """A wrong idea and who holds it; more than one belief where several fail the very same tests."""

    exercise: int
    beliefs: tuple[str, ...]
    learners: tuple[int, ...]


class FailedTest(NamedTuple):
    """A test and how many of those who were graded fail it."""

    exercise: int
    title: str
    learners: tuple[int, ...]


class ExerciseFacts(NamedTuple):
    """One exercise across the cohort. ``puzzling`` are learners who fail it by no known idea; ``passed`` counts
    learners; times are in seconds, and ``slowest`` is who took the longest."""

    number: int
    asked: Asked
    counts: dict[Level, int]
    ideas: list[Idea]
    tests: list[FailedTest]
    puzzling: tuple[int, ...]
    puzzles: list[FailedTest]
    passed: int
    median: float | None
    longest: float | None
    slowest: int | None

    @property
    def graded(self) -> int:
        """How many answers have a verdict."""
        return sum(self.counts[level] for level in ("all", "most", "some", "none"))


class LearnerFacts(NamedTuple):
    """One learner across the exercises. ``possible`` leaves out what could not be graded."""

    number: int
    handed: Handed
    cells: list[Cell]
    awarded: float
    possible: int

    @property
    def share(self) -> float:
        """The part of the possible points that was awarded; 1 where none were possible."""
        return self.awarded / self.possible if self.possible else 1.0

    def of(self, *levels: Level) -> list[Cell]:
        """The answers of these levels."""
        return [cell for cell in self.cells if cell.level in levels]


def grid_of(report: CohortReport) -> list[list[Cell]]:
    """A row a learner, a cell an exercise."""
    found = {(result.submission, result.exercise): result for result in report.results}
    return [
        [
            _cell(row, column, handed, asked, found.get((handed.name, asked.slug)))
            for column, asked in enumerate(report.exercises)
        ]
        for row, handed in enumerate(report.submissions)
    ]


def _cell(row: int, column: int, handed: Handed, asked: Asked, result: Result | None) -> Cell:
    if result is None:
        return Cell(row, column, *(("unknown", "?") if handed.problem else ("absent", "–")), None)
    if result.report.outcome == "ungraded" and not result.awarded:
        return Cell(row, column, "unknown", "?", result)
    right = result.report.outcome == "passed"
    text = amount(result.awarded) if asked.points else "✓" if right else "✗"
    text += "?" if reason_of(result.report) else ""
    return Cell(row, column, _level(result.awarded, asked.points, right), text, result)


def _level(awarded: float, points: int, right: bool) -> Level:
    if not points:
        return "all" if right else "none"
    if awarded >= points:
        return "all"
    return "most" if 2 * awarded >= points else "some" if awarded > 0 else "none"


def learners_of(report: CohortReport, grid: Sequence[Sequence[Cell]]) -> list[LearnerFacts]:
    """Every learner, in the order of the report."""
    return [
        LearnerFacts(
            number,
            handed,
            list(cells),
            sum(cell.result.awarded for cell in cells if cell.result and cell.level != "unknown"),
            sum(report.exercises[cell.exercise].points for cell in cells if cell.level != "unknown"),
        )
        for number, (handed, cells) in enumerate(zip(report.submissions, grid, strict=True))
    ]


def exercises_of(report: CohortReport, grid: Sequence[Sequence[Cell]], timings: Timings) -> list[ExerciseFacts]:
    """Every exercise, in the order of the course."""
    return [
        _exercise(number, asked, [cells[number] for cells in grid], report.submissions, timings.grading)
        for number, asked in enumerate(report.exercises)
    ]


def _exercise(
    number: int,
    asked: Asked,
    cells: Sequence[Cell],
    submissions: Sequence[Handed],
    seconds: Mapping[str, Mapping[str, float]],
) -> ExerciseFacts:
    levels = Counter(cell.level for cell in cells)
    failing = [cell for cell in cells if cell.result and cell.result.report.outcome == "failed"]
    puzzling = [cell for cell in failing if cell.result and not cell.result.misconceptions]
    times = {
        cell.learner: taken
        for cell in cells
        if (taken := seconds.get(submissions[cell.learner].name, {}).get(asked.slug)) is not None
    }
    return ExerciseFacts(
        number,
        asked,
        {level: levels[level] for level in LEVELS},
        _ideas(number, asked, failing),
        _failed_tests(failing)[:TESTS],
        tuple(cell.learner for cell in puzzling),
        _failed_tests(puzzling)[:TESTS],
        sum(cell.result is not None and cell.result.report.outcome == "passed" for cell in cells),
        statistics.median(times.values()) if times else None,
        max(times.values(), default=None),
        max(times, key=lambda learner: times[learner], default=None),
    )


def _ideas(number: int, asked: Asked, failing: Iterable[Cell]) -> list[Idea]:
    holders: dict[tuple[str, ...], list[int]] = {}
    for cell in failing:
        if cell.result and cell.result.misconceptions:
            holders.setdefault(cell.result.misconceptions, []).append(cell.learner)
    ideas = [
        Idea(number, tuple(asked.beliefs.get(name, name) for name in names), tuple(learners))
        for names, learners in holders.items()
    ]
    return sorted(ideas, key=lambda idea: (-len(idea.learners), idea.beliefs))


def _failed_tests(failing: Sequence[Cell]) -> list[FailedTest]:
    learners: dict[str, list[int]] = {}
    titles: dict[str, str] = {}
    for cell in failing:
        for test in (test for task in cell.result.report.tasks for test in task.tests) if cell.result else ():
            if test.outcome == "failed":
                titles.setdefault(test.id, test.title or test.id)
                learners.setdefault(test.id, []).append(cell.learner)
    tests = [FailedTest(failing[0].exercise, titles[id_], tuple(who)) for id_, who in learners.items()]
    return sorted(tests, key=lambda test: (-len(test.learners), test.title))


def widespread(exercises: Sequence[ExerciseFacts]) -> list[Idea]:
    """All wrong ideas of the cohort, those that most learners hold first."""
    ideas = [idea for facts in exercises for idea in facts.ideas]
    return sorted(ideas, key=lambda idea: -len(idea.learners))


def puzzles(exercises: Sequence[ExerciseFacts]) -> list[FailedTest]:
    """The tests that most learners fail by no known idea, over the whole cohort."""
    tests = [test for facts in exercises for test in facts.puzzles]
    return sorted(tests, key=lambda test: -len(test.learners))


def behind(learners: Sequence[LearnerFacts]) -> list[LearnerFacts]:
    """Who has less than half of the possible points, the fewest first; nobody of whom nothing could be graded."""
    low = [learner for learner in learners if not learner.handed.problem and learner.share < 0.5]
    return sorted(low, key=lambda learner: learner.share)


class Place(NamedTuple):
    """Whom a reason kept from being graded, and where: ``exercise`` is None where it is the whole submission."""

    exercise: int | None
    learners: tuple[int, ...]


def reasons_of(report: CohortReport) -> dict[str, list[Place]]:
    """Why something could not be graded, and where: whole submissions first, then in the order of the report."""
    who = {handed.name: number for number, handed in enumerate(report.submissions)}
    what = {asked.slug: number for number, asked in enumerate(report.exercises)}
    reasons: dict[str, list[Place]] = {}
    for found in ungraded_of(report):
        place = Place(what.get(found.exercise), tuple(who[name] for name in found.submissions))
        reasons.setdefault(found.reason, []).append(place)
    return reasons
