"""The one path by which anything is graded."""

from __future__ import annotations

import json
import os
import select
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prodev import __version__
from prodev.course import Exercise
from prodev.grading.bench import Bench
from prodev.grading.clock import FLOOR_S
from prodev.grading.intake import Taken, take
from prodev.grading.judges import Judges
from prodev.grading.report import Outcome, Report, TaskResult, TestResult, legible

_LONGEST_EVENT = 4 * 1024 * 1024


class Grader:
    """Grades candidates of one exercise; a context manager.

    With ``warm`` it keeps the next judge ready between runs. Start one for a watch or a cohort;
    ``grade`` starts one for a single run. ``floor_s``: seconds that any call may take. With ``idle``,
    for a machine that has nothing else to do between two runs, all processes that the tests will ask for wait as well.
    ``judges`` are shared with other graders, so that they collect each suite once.
    """

    def __init__(
        self,
        exercise: Exercise,
        *,
        warm: bool = True,
        idle: bool = False,
        floor_s: float = FLOOR_S,
        judges: Judges | None = None,
    ) -> None:
        self.exercise = exercise
        self._missing_tools = [tool for tool in exercise.tools if shutil.which(tool) is None]
        self._bench = Bench(exercise, warm=warm, idle=idle, floor_s=floor_s, judges=judges)

    def __enter__(self) -> Grader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every process and remove every scratch file."""
        self._bench.close()

    def is_sound(self) -> bool:
        """Whether the processes that it forks others from are alive: when not, a failure may be theirs."""
        return self._bench.is_sound()

    def grade(
        self, *layers: Path, seed: int | None = None, order: int | None = None, until_failure: bool = False
    ) -> Report:
        """Grade the candidate in ``layers`` (see ``intake.take``) and report.

        ``seed`` repeats the inputs of an earlier report, ``order`` shuffles the tests. With
        ``until_failure`` the tests after the first that fails are not run, and count as failed.
        Never raises for what a candidate does.
        """
        began = time.monotonic()
        seed = int.from_bytes(os.urandom(4)) // 2 if seed is None else seed
        with self._bench.tray() as tray:
            taken = take(self.exercise, layers, tray / "tree")
            judged = self._judge(taken, seed=seed, order=order, until_failure=until_failure)
        seconds = time.monotonic() - began
        return _report(self.exercise, taken, judged, seed=seed, seconds=seconds, isolation=self._bench.isolation)

    def _judge(self, taken: Taken, **how: int | bool | None) -> _Judged:
        if taken.problem:
            return _Judged(problem=taken.problem, blame="failed")
        if self._missing_tools:
            missing = ", ".join(self._missing_tools)
            return _Judged(problem=f"This exercise needs {missing}, and this machine has none.", remedy="prodev doctor")
        try:
            with self._bench.seat() as seat:
                taken.tree.rename(seat.tree)
                seat.judge.order(run=how)
                judged = _Judged(engines=seat.engines)
                _listen(seat.judge.events, judged, self.exercise)
                seat.is_over = judged.ended and not judged.problem
                seat.kept.extend(judged.kept)
        except ChildProcessError as error:
            return _Judged(problem=f"The grader could not start: {error}.")
        return judged


def grade(exercise: Exercise, *layers: Path, seed: int | None = None, order: int | None = None) -> Report:
    """Grade one candidate from cold; see ``Grader.grade``."""
    with Grader(exercise, warm=False) as grader:
        return grader.grade(*layers, seed=seed, order=order)


def layers_of(exercise: Exercise, folder: Path) -> tuple[Path, ...]:
    """The layers of an author's candidate: a folder of ``solutions/`` over what it differs from."""
    if folder in (exercise.starter, exercise.reference):
        return (exercise.starter,) if folder == exercise.starter else (exercise.starter, folder)
    return (exercise.starter, exercise.reference, folder)


class _Judged:
    """What came out of a judge, as it comes."""

    def __init__(
        self, *, problem: str = "", remedy: str = "", blame: Outcome = "ungraded", engines: dict[str, str] | None = None
    ) -> None:
        self.problem = problem
        self.remedy = remedy
        self.blame = blame
        self.engines = engines or {}
        self.promised: list[dict[str, Any]] = []
        self.results: dict[str, dict[str, Any]] = {}
        self.ended = False
        self.kept: list[int] = []

    def note(self, event: dict[str, Any]) -> None:
        """Take in one event of the judge's."""
        if event["event"] == "promise":
            self.promised = event["tests"]
        elif event["event"] == "result":
            self.results[event["id"]] = event
        elif event["event"] == "crash" and not self.problem:
            self.problem = f"The grader failed, not you: {event['reason']}"
            self.remedy = "Please report this with the text above."
        elif event["event"] == "end":
            self.ended = True
            self.kept = event.get("kept", [])


def _listen(events: int, judged: _Judged, exercise: Exercise) -> None:
    """Read events until the judge ends, or its time does."""
    pending = b""
    deadline = time.monotonic() + 3 * exercise.timeout_s + 30
    while True:
        left = deadline + 4 * FLOOR_S * len(judged.promised) - time.monotonic()
        if left <= 0 or not select.select([events], [], [], left)[0]:
            judged.problem = f"The suite did not end within {exercise.timeout_s:.0f} s and was stopped."
            judged.blame = "failed"
            return
        chunk = os.read(events, 1 << 16)
        if not chunk:
            break
        *lines, pending = (pending + chunk).split(b"\n")
        for line in lines:
            judged.note(json.loads(line))
        if judged.ended:
            break
    if not judged.ended and not judged.problem:
        judged.problem = "The grader ended before the suite did. This is not your code's fault."


def _report(exercise: Exercise, taken: Taken, judged: _Judged, *, seed: int, seconds: float, isolation: str) -> Report:
    tasks = _tasks(exercise, judged)
    earned = sum(task.earned for task in tasks)
    outcomes = {task.outcome for task in tasks}
    overall: Outcome = "failed" if "failed" in outcomes else "ungraded" if "ungraded" in outcomes else "passed"
    return Report(
        exercise=exercise.slug,
        edition=__version__,
        digest=taken.digest,
        outcome=overall,
        points=exercise.points,
        earned=earned,
        tasks=tasks,
        seed=seed,
        seconds=round(seconds, 3),
        isolation=isolation,
        engines=judged.engines,
        problem=legible(judged.problem),
        remedy=judged.remedy,
        notes=taken.notes,
    )


def _tasks(exercise: Exercise, judged: _Judged) -> tuple[TaskResult, ...]:
    tests = {task.id: tuple(_tests_of(task.id, judged)) for task in exercise.tasks}
    outcomes = {task_id: _outcome_of(results, judged) for task_id, results in tests.items()}
    holds = all(outcomes[task.id] == "passed" for task in exercise.tasks if task.given)
    return tuple(
        TaskResult(
            id=task.id,
            title=task.title,
            outcome=outcomes[task.id],
            points=task.points,
            earned=task.points if holds and outcomes[task.id] == "passed" else 0,
            given=task.given,
            tests=tests[task.id],
        )
        for task in exercise.tasks
    )


def _tests_of(task_id: str, judged: _Judged) -> Sequence[TestResult]:
    missing = {"outcome": judged.blame, "message": judged.problem or "This test gave no result.", "output": ""}
    results = []
    for promise in judged.promised:
        if promise["task"] == task_id:
            result = judged.results.get(promise["id"], missing)
            results.append(
                TestResult(
                    id=promise["id"],
                    title=promise["title"],
                    task=task_id,
                    outcome=result["outcome"],
                    message=legible(result["message"]),
                    output=legible(result["output"]),
                )
            )
    return results


def _outcome_of(results: Sequence[TestResult], judged: _Judged) -> Outcome:
    outcomes = {result.outcome for result in results}
    if not results:
        return judged.blame
    return "failed" if "failed" in outcomes else "ungraded" if "ungraded" in outcomes else "passed"


if sys.platform == "win32":
    raise ImportError("ProDev grades on Linux and macOS; on Windows run it inside WSL.")
