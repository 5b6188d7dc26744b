"""Candidate + pristine tests -> report. The verdict never shares a process with the candidate.

    with Grader(exercise) as grader:
        report = grader.grade(learner_folder)

``Grader`` keeps two nurseries warm: one forks *judges* (pytest, the suite, the expected values),
the other forks *workers* (the candidate's code). They meet over a pipe that carries plain data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prodev.grading.functions import Foreign
    from prodev.grading.grader import Grader, grade, layers_of
    from prodev.grading.judges import Judges
    from prodev.grading.report import Outcome, Report, TaskResult, TestResult, report_schema
    from prodev.grading.wire import Opaque, Raised, Record

__all__ = [
    "Foreign",
    "Grader",
    "Judges",
    "Opaque",
    "Outcome",
    "Raised",
    "Record",
    "Report",
    "TaskResult",
    "TestResult",
    "grade",
    "layers_of",
    "report_schema",
]

_HOMES = {
    "Foreign": "functions",
    "Grader": "grader",
    "grade": "grader",
    "layers_of": "grader",
    "Judges": "judges",
    "Outcome": "report",
    "Report": "report",
    "TaskResult": "report",
    "TestResult": "report",
    "report_schema": "report",
    "Opaque": "wire",
    "Raised": "wire",
    "Record": "wire",
}


def __getattr__(name: str) -> Any:
    """Import on first use: a worker that only forks must not pay for the rest of the room."""
    import importlib

    if name not in _HOMES:
        raise AttributeError(f"module 'prodev.grading' has no attribute {name!r}")
    return getattr(importlib.import_module(f"prodev.grading.{_HOMES[name]}"), name)
