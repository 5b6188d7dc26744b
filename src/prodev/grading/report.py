"""What a grading found: three-valued for every task, in a published JSON schema."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Outcome = Literal["passed", "failed", "ungraded"]
"""``ungraded``: it could not be graded, for a reason that is not the candidate's."""

SCHEMA_VERSION = 1


class TestResult(msgspec.Struct, frozen=True):
    """One test of the suite. ``message`` is for the learner; ``output`` is what their code printed."""

    id: str
    title: str
    task: str
    outcome: Outcome
    message: str = ""
    output: str = ""


class TaskResult(msgspec.Struct, frozen=True):
    """One task: passed when all of its tests are. ``earned`` is ``points`` or 0."""

    id: str
    title: str
    outcome: Outcome
    points: int
    earned: int
    given: bool = False
    tests: tuple[TestResult, ...] = ()

    @property
    def first_message(self) -> str:
        """What the first test that did not pass has to say."""
        return next((test.message for test in self.tests if test.outcome != "passed"), "")


class Report(msgspec.Struct, frozen=True):
    """The result of grading one candidate on one exercise.

    ``problem`` says, when it is not empty, what kept the whole suite from running (its blame is
    in ``outcome``); ``engines`` names what served each service; ``seed`` repeats the drawn inputs;
    ``notes`` are remarks on the candidate's files.
    """

    exercise: str
    edition: str
    digest: str
    outcome: Outcome
    points: int
    earned: int
    tasks: tuple[TaskResult, ...]
    seed: int
    seconds: float
    isolation: str
    engines: dict[str, str] = {}
    problem: str = ""
    remedy: str = ""
    notes: tuple[str, ...] = ()
    schema: int = SCHEMA_VERSION

    @property
    def first_failing_task(self) -> TaskResult | None:
        """The task that the learner should look at next."""
        return next((task for task in self.tasks if task.outcome != "passed"), None)


def report_schema() -> dict[str, Any]:
    """The JSON Schema that every report in JSON obeys."""
    schema = msgspec.json.schema(Report)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "ProDev report", **schema}


def report_json(report: Report) -> bytes:
    """The report as JSON, indented."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2)
