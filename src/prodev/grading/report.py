"""What a grading found: three-valued for every task, in a published JSON schema."""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec

Outcome = Literal["passed", "failed", "ungraded"]
"""``ungraded``: it could not be graded, for a reason that is not the candidate's."""

SCHEMA_VERSION = 1

_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LONGEST = 8000


def legible(text: str) -> str:
    """``text`` without what no file can hold or a screen would obey (shown as ``·``), its middle cut out when long."""
    if len(text) > _LONGEST:
        kept = _LONGEST // 2
        text = f"{text[:kept]} … {len(text) - 2 * kept:,} characters left out … {text[-kept:]}"
    return _OBEYED.sub("·", text.replace("\r\n", "\n"))


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
