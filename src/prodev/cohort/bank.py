"""The exercise's bank of misconceptions, graded like submissions: the tests that each fails are its signature."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from prodev.cohort.candidates import Candidate, layered
from prodev.course import CourseError, Exercise
from prodev.grading import Report, layers_of
from prodev.grading.intake import take

Signature = frozenset[str]


def bank_of(exercise: Exercise) -> dict[str, Candidate]:
    """The misconceptions as candidates, by id; none where the exercise has no bank."""
    return {folder.name: layered(exercise, layers_of(exercise, folder)) for folder in exercise.misconception_folders}


def beliefs_of(exercise: Exercise) -> dict[str, str]:
    """What the holder of each misconception believes, by id; none where the exercise has no bank."""
    try:
        return {name: each.belief for name, each in exercise.misconceptions.items()}
    except CourseError:
        return {}


def starter_digest(exercise: Exercise) -> str:
    """The ``digest`` that a report on the untouched starter has."""
    with tempfile.TemporaryDirectory(prefix="prodev-starter-") as scratch:
        return take(exercise, [exercise.starter], Path(scratch) / "tree").digest


def signature(report: Report) -> Signature:
    """The ids of the tests that a candidate failed."""
    return frozenset(test.id for task in report.tasks for test in task.tests if test.outcome == "failed")


def held(report: Report, signatures: Mapping[str, Signature]) -> tuple[str, ...]:
    """The ids of the misconceptions that fail the very same tests as the candidate of ``report``.

    None where a test has no verdict: it may be the one that tells two misconceptions apart.
    """
    own = signature(report)
    if any(task.outcome == "ungraded" for task in report.tasks):
        return ()
    return tuple(name for name, failed in signatures.items() if own and failed == own)
