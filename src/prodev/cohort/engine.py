"""What every engine does with a job, whether it runs in this process or on another machine."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import msgspec

from prodev import __version__
from prodev.cohort.candidates import Candidate
from prodev.course import Exercise
from prodev.grading import Grader, Judges, Outcome, Report, TaskResult, TestResult

TRIES = 3
"""Times that a candidate is graded, at most, when the machine may have spoilt the result, and not the candidate."""

_AS_IF_KILLED = ("(SIGKILL)", "closed its line to me")
_PLACE = re.compile(r"(; it was still at \S+) line \d+")
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{4,16}\b")


class Job(msgspec.Struct, frozen=True):
    """One candidate to grade: ``key`` tells it from all that would give another result."""

    exercise: str
    key: str
    candidate: str
    seed: int


class Graded(msgspec.Struct, frozen=True):
    """The result of the job with that ``key``: ``report`` with its ``seconds`` set to 0, which stand here."""

    exercise: str
    key: str
    candidate: str
    report: Report
    seconds: float

    @property
    def is_whole(self) -> bool:
        """Whether every task has a verdict, so that there is no reason to grade it again."""
        return not _lacks_verdict(self.report)


Engine = Callable[[Sequence[Job], Callable[[str], Candidate]], Generator[Graded, None, None]]
"""Grades jobs, given a way to have the candidate of a digest, and yields results as they come, in any order.

Closing the generator ends the work.
"""


class Desk:
    """Grades one job after another, all on a warm grader while the exercise stays the same; close it."""

    def __init__(self, judges: Judges | None = None) -> None:
        """``judges`` are shared with other desks."""
        self._judges = judges
        self._grader: Grader | None = None

    def close(self) -> None:
        """End the grader."""
        grader, self._grader = self._grader, None
        if grader is not None:
            grader.close()

    def grade(self, exercise: Exercise, job: Job, candidate: Candidate) -> Graded:
        """Grade ``candidate``; never raises for it. A grader that breaks is replaced, and the candidate tried again."""
        if candidate.problem:
            return graded_blank(exercise, job, outcome="failed", problem=candidate.problem)
        with tempfile.TemporaryDirectory(prefix="prodev-cohort-") as scratch:
            folder = Path(scratch) / exercise.slug
            candidate.lay_out(folder)
            report = self._try_often(exercise, folder, job)
        if isinstance(report, str):
            problem = f"The grader broke {TRIES} times: {report}"
            return graded_blank(exercise, job, outcome="ungraded", problem=problem)
        return Graded(job.exercise, job.key, job.candidate, _repeatable(report), report.seconds)

    def _try_often(self, exercise: Exercise, folder: Path, job: Job) -> Report | str:
        """A report that is not doubtful, or that came twice; else what the last try gave."""
        doubtful: Report | None = None
        for _ in range(TRIES):
            report = self._try(exercise, folder, job)
            if not isinstance(report, str):
                if not _is_doubtful(report) or (doubtful and _repeatable(doubtful) == _repeatable(report)):
                    break
                doubtful = report
            self.close()
        return report

    def _try(self, exercise: Exercise, folder: Path, job: Job) -> Report | str:
        """The report, or what broke the grader."""
        try:
            if self._grader is None or self._grader.exercise is not exercise:
                self.close()
                self._grader = Grader(exercise, judges=self._judges)
            report = self._grader.grade(folder, seed=job.seed)
            if report.outcome != "passed" and not self._grader.is_sound():
                return "a process of the grader was killed."
        except Exception as error:  # whatever it is, it is the grader's and must not end the cohort
            return f"{type(error).__name__}: {error}"
        return report


def graded_blank(exercise: Exercise, job: Job, *, outcome: Outcome, problem: str) -> Graded:
    """A result for a candidate that no suite was run on."""
    tasks = tuple(
        TaskResult(task.id, task.title, outcome, task.points, earned=0, given=task.given) for task in exercise.tasks
    )
    report = Report(
        exercise=exercise.slug,
        edition=__version__,
        digest=job.candidate,
        outcome=outcome,
        points=exercise.points,
        earned=0,
        tasks=tasks,
        seed=job.seed,
        seconds=0.0,
        isolation="",
        problem=problem,
    )
    return Graded(job.exercise, job.key, job.candidate, report, 0.0)


def _repeatable(report: Report) -> Report:
    """The same without what differs between two gradings: its seconds, addresses of objects, where a loop was cut."""
    tasks = tuple(
        msgspec.structs.replace(task, tests=tuple(_without_chance(test) for test in task.tests))
        for task in report.tasks
    )
    return msgspec.structs.replace(report, seconds=0.0, tasks=tasks)


def _without_chance(test: TestResult) -> TestResult:
    message, output = (_PLACE.sub(r"\1", _ADDRESS.sub("at 0x…", text)) for text in (test.message, test.output))
    return msgspec.structs.replace(test, message=message, output=output)


def _is_doubtful(report: Report) -> bool:
    """Whether a second try may end otherwise: a process was killed, or a verdict is missing for no known reason."""
    messages = [test.message for task in report.tasks for test in task.tests]
    killed = any(sign in message for message in messages for sign in _AS_IF_KILLED)
    cut_short = bool(report.problem and messages) and report.problem not in messages  # after the last of the tests
    return killed or cut_short or (_lacks_verdict(report) and not report.remedy)


def _lacks_verdict(report: Report) -> bool:
    return any(task.outcome == "ungraded" for task in report.tasks)
