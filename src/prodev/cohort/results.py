"""What the grading of a cohort found, in plain data: what every table, page and file of the mentor's is made from.

The same submissions, tests and edition give the same ``CohortReport``, whatever engine graded them and however
often it was interrupted; how long things took stands apart, in ``Timings``.
"""

from __future__ import annotations

from typing import Any

import msgspec

from prodev.course.reading import nearest
from prodev.errors import ProDevError
from prodev.grading import Report

SCHEMA_VERSION = 1


class Handed(msgspec.Struct, frozen=True):
    """One submission: ``name`` is the learner's, unique in its cohort.

    ``origin`` says where it was found (a path or repository), ``commit`` which commit of it was taken,
    ``at`` when it was handed in (ISO 8601, UTC) where that is known. ``problem`` is not empty when nothing
    of it could be graded, and ``notes`` are remarks on what was handed in.
    """

    name: str
    origin: str
    commit: str = ""
    at: str = ""
    problem: str = ""
    notes: tuple[str, ...] = ()


class Result(msgspec.Struct, frozen=True):
    """One exercise of one submission.

    ``report`` is that of the one grading path, its ``seconds`` set to 0. ``awarded`` are the points after the
    late policy, and ``late`` says in words what it took (empty when in time). ``misconceptions`` are the ids of
    those in the bank that fail the very same tests. ``key`` is the digest of candidate, tests and edition, and
    ``candidate`` that of the files that were taken.
    """

    submission: str
    exercise: str
    report: Report
    key: str
    awarded: float
    late: str = ""
    misconceptions: tuple[str, ...] = ()
    candidate: str = ""


class Asked(msgspec.Struct, frozen=True):
    """One exercise of those that were graded. ``beliefs`` maps a misconception's id to what its holder believes.

    ``suite`` is the digest of its tests, its starter and its description.
    """

    slug: str
    module: str
    title: str
    points: int
    beliefs: dict[str, str] = {}
    suite: str = ""


class Alike(msgspec.Struct, frozen=True):
    """Two submissions whose answers to one exercise look alike once the starter's code is removed.

    ``share`` (0 to 1) is the part of the smaller answer's fingerprints that the other has too. ``left`` and
    ``right`` are the answers' texts by path; ``marks`` pairs line ranges (first, last, both included, from 1) that
    match: ``(path, first, last, other path, first, last)``.
    """

    exercise: str
    one: str
    other: str
    share: float
    left: dict[str, str] = {}
    right: dict[str, str] = {}
    marks: tuple[tuple[str, int, int, str, int, int], ...] = ()


class CohortReport(msgspec.Struct, frozen=True):
    """The whole result, in the order of submissions and of the course.

    ``isolation`` says what stood between the candidates and the machines that graded them, and ``grader`` is the
    digest of the code that graded.
    """

    edition: str
    title: str
    isolation: str
    submissions: tuple[Handed, ...]
    exercises: tuple[Asked, ...]
    results: tuple[Result, ...]
    alike: tuple[Alike, ...] = ()
    grader: str = ""
    schema: int = SCHEMA_VERSION

    def submission(self, name: str) -> Handed:
        """Find one by its name, or by the unique beginning of it. Raises ProDevError with a suggestion."""
        known = {handed.name: handed for handed in self.submissions}
        begun = [each for each in known if name and each.casefold().startswith(name.casefold())]
        if name in known or len(begun) == 1:
            return known.get(name) or known[begun[0]]
        if begun:
            raise ProDevError(
                f"'{name}' begins more than one submission: {', '.join(begun[:5])}.", remedy="Type a letter more."
            )
        close = nearest(name, known)
        remedy = f"Did you mean '{close}'?" if close else "results.csv lists them all."
        raise ProDevError(f"There is no submission '{name}' in these results.", remedy=remedy)


class Timings(msgspec.Struct, frozen=True):
    """How long it took, in seconds: ``grading`` by submission and then exercise, and ``whole`` by the clock."""

    whole: float
    grading: dict[str, dict[str, float]] = {}


def cohort_schema() -> dict[str, Any]:
    """The JSON Schema that ``results.json`` obeys."""
    schema = msgspec.json.schema(CohortReport)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "ProDev cohort report", **schema}


def cohort_json(report: CohortReport) -> bytes:
    """The report as JSON, indented; equal reports give equal bytes."""
    return msgspec.json.format(msgspec.json.encode(report, order="deterministic"), indent=2) + b"\n"
