"""Two gradings of one cohort: who gained or lost which points on which tests, and why."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from prodev.cohort.results import CohortReport, Result
from prodev.grading import Outcome, TaskResult


class Moved(msgspec.Struct, frozen=True):
    """A test that ends otherwise than before; None where there was no such test."""

    id: str
    title: str
    before: Outcome | None
    after: Outcome | None


class TaskChange(msgspec.Struct, frozen=True):
    """A task that earns otherwise than before, or whose tests end otherwise."""

    id: str
    title: str
    before: int
    after: int
    tests: tuple[Moved, ...] = ()


class Change(msgspec.Struct, frozen=True):
    """One exercise of one submission that came out otherwise than before.

    ``before`` and ``after`` are the points that count, None where there was no result. ``why`` holds at least one
    sentence.
    """

    submission: str
    exercise: str
    before: float | None
    after: float | None
    why: tuple[str, ...]
    tasks: tuple[TaskChange, ...] = ()


def compare(before: CohortReport, after: CohortReport) -> tuple[Change, ...]:
    """Every change of points or of a test's outcome, in the order of ``after``, then what is gone."""
    old = {(result.submission, result.exercise): result for result in before.results}
    new = {(result.submission, result.exercise): result for result in after.results}
    suites = _suites_changed(before, after)
    found = [
        change
        for place in [*new, *(place for place in old if place not in new)]
        if (change := _change(old.get(place), new.get(place), suites=suites, grader=_grader_changed(before, after)))
    ]
    return tuple(found)


def _change(old: Result | None, new: Result | None, *, suites: frozenset[str], grader: str) -> Change | None:
    if old is None or new is None:
        only = old or new
        assert only is not None
        gone = "It is not handed in any more." if new is None else "It was not handed in before."
        given = old.awarded if old else None, new.awarded if new else None
        return Change(only.submission, only.exercise, *given, (gone,))
    tasks = tuple(_tasks(old, new))
    if not tasks and old.awarded == new.awarded and old.report.outcome == new.report.outcome:
        return None
    why = _reasons(old, new, suites=suites, grader=grader)
    return Change(new.submission, new.exercise, old.awarded, new.awarded, why, tasks)


def _tasks(old: Result, new: Result) -> Iterator[TaskChange]:
    before = {task.id: task for task in old.report.tasks}
    after = {task.id: task for task in new.report.tasks}
    for task_id in dict.fromkeys([*after, *before]):
        had, has = before.get(task_id), after.get(task_id)
        tests = tuple(_tests(had, has))
        earned = had.earned if had else 0, has.earned if has else 0
        if tests or earned[0] != earned[1]:
            title = (has or before[task_id]).title
            yield TaskChange(task_id, title, *earned, tests)


def _tests(had: TaskResult | None, has: TaskResult | None) -> Iterator[Moved]:
    before = {test.id: test for test in had.tests} if had else {}
    after = {test.id: test for test in has.tests} if has else {}
    for test_id in dict.fromkeys([*after, *before]):
        one, other = before.get(test_id), after.get(test_id)
        outcomes = one.outcome if one else None, other.outcome if other else None
        if outcomes[0] != outcomes[1]:
            yield Moved(test_id, (other or before[test_id]).title, *outcomes)


def _reasons(old: Result, new: Result, *, suites: frozenset[str], grader: str) -> tuple[str, ...]:
    lacking = [any(task.outcome == "ungraded" for task in result.report.tasks) for result in (old, new)]
    reasons = {
        "The files are others.": old.candidate != new.candidate and old.report.digest != new.report.digest,
        "The exercise changed: its tests, its starter or its description.": new.exercise in suites,
        grader: bool(grader),
        f"Lateness counts otherwise: {new.late or 'it is in time'}.": old.late != new.late,
        "It could not be graded whole before.": lacking[0],
        "It cannot be graded whole now.": lacking[1],
    }
    unexplained = "Nothing changed: the same files came out otherwise when they were graded again."
    return tuple(reason for reason, holds in reasons.items() if holds) or (unexplained,)


def _suites_changed(before: CohortReport, after: CohortReport) -> frozenset[str]:
    old = {asked.slug: asked.suite for asked in before.exercises}
    return frozenset(asked.slug for asked in after.exercises if old.get(asked.slug, asked.suite) != asked.suite)


def _grader_changed(before: CohortReport, after: CohortReport) -> str:
    if before.edition != after.edition:
        return f"The edition changed from {before.edition} to {after.edition}."
    return "" if before.grader == after.grader else "The code that grades changed within the edition."
