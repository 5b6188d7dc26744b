"""Texts of a cohort's result, made fit to be shown, and what could not be graded, gathered by its reason."""

from __future__ import annotations

import re
from typing import NamedTuple

from prodev.cohort.results import CohortReport
from prodev.grading import Report
from prodev.show.text import clean

_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_UNSEEN = re.compile("[\u061c\u200b\u200e\u200f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]")
_PILED = re.compile(f"(?<=[{_MARKS}]{{4}})[{_MARKS}]+")
_LONGEST_REASON = 4_000


def legal(text: str) -> str:
    """``text`` with everything made visible as ``·`` that XML forbids, UTF-8 cannot hold, or a screen would obey.

    Marks piled up on one letter, which cover the lines around it, are cut after the fourth.
    """
    shown = _UNSEEN.sub("·", clean(text))
    return shown if shown.isascii() else _PILED.sub("·", shown)


def amount(points: float) -> str:
    """``7``, ``7.5``: points without a needless fraction."""
    return f"{points:.2f}".rstrip("0").rstrip(".")


def reason_of(report: Report) -> str:
    """Why (a part of) an exercise could not be graded, in one line; empty when all of it was."""
    if report.problem and report.outcome == "ungraded":
        return one_line(f"{report.problem[:_LONGEST_REASON]} {report.remedy[:_LONGEST_REASON]}")
    tests = (test for task in report.tasks for test in task.tests if test.outcome == "ungraded")
    return next((one_line(test.message[:_LONGEST_REASON]) or "It gave no reason." for test in tests), "")


def one_line(text: str) -> str:
    """``text`` made legal, its white space as single spaces."""
    return " ".join(legal(text).split())


class Ungraded(NamedTuple):
    """What could not be graded for one reason: ``exercise`` is empty where it is the whole submission."""

    exercise: str
    reason: str
    submissions: tuple[str, ...]


def ungraded_of(report: CohortReport) -> list[Ungraded]:
    """Everything that could not be graded, those with the same reason together, in the order of the report."""
    found: dict[tuple[str, str], list[str]] = {}
    for handed in report.submissions:
        if handed.problem:
            found.setdefault(("", one_line(handed.problem[:_LONGEST_REASON])), []).append(handed.name)
    for result in report.results:
        if reason := reason_of(result.report):
            found.setdefault((result.exercise, reason), []).append(result.submission)
    return [Ungraded(exercise, reason, tuple(names)) for (exercise, reason), names in found.items()]
