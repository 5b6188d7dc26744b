"""The trusted process: runs the suite under pytest and tells what it saw, event by event.

Cases are promised before any runs, so that one that never reports is known to be missing.
"""

from __future__ import annotations

import json
import os
import random
import socket
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prodev.course import Exercise
from prodev.errors import Unavailable
from prodev.grading import fixtures
from prodev.grading.sitting import SITTING, Sitting

Tell = Callable[[dict[str, Any]], None]

_UNUSED_PLUGINS = (
    *("cacheprovider", "terminal", "junitxml", "doctest", "pastebin", "stepwise", "unittest", "faulthandler"),
    *("logging", "setuponly", "setupplan", "legacypath", "recwarn", "debugging"),
    *("unraisableexception", "threadexception"),
)


def judge(payload: dict[str, Any], fds: list[int]) -> int:
    """Run one suite in this forked process. ``fds``: where events go, the workers' nursery."""
    events = os.fdopen(fds[0], "w", encoding="utf-8")
    nursery = socket.socket(fileno=fds[1])

    def tell(event: dict[str, Any]) -> None:
        events.write(json.dumps(event) + "\n")
        events.flush()

    exercise = Exercise(Path(payload["root"]), payload["module"], payload["slug"])
    sitting = Sitting(
        exercise=exercise,
        tree=Path(payload["tree"]),
        scratch=Path(payload["scratch"]),
        seed=payload["seed"],
        services=payload["services"],
        nursery=nursery,
        warm_tree=payload["warm_tree"],
        floor_s=payload["floor_s"],
    )
    try:
        _run_suite(exercise, sitting, tell, order=payload["order"], until_failure=payload["until_failure"])
    except BaseException:
        tell({"event": "crash", "reason": traceback.format_exc(limit=-4)})
    finally:
        sitting.close()
    return 0


def _run_suite(exercise: Exercise, sitting: Sitting, tell: Tell, *, order: int | None, until_failure: bool) -> None:
    arguments = [str(exercise.tests), f"--rootdir={exercise.tests}", "-c", os.devnull]
    arguments += ["--assert=plain", "--import-mode=prepend", "--capture=no"]
    arguments += ["--exitfirst"] if until_failure else []
    for name in _UNUSED_PLUGINS:
        arguments += ["-p", f"no:{name}"]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    pytest.main(arguments, plugins=[fixtures, _Telling(sitting, tell, order=order)])


class _Telling:
    """The pytest plugin that turns a run into events."""

    def __init__(self, sitting: Sitting, tell: Tell, *, order: int | None) -> None:
        self._sitting = sitting
        self._tell = tell
        self._order = order
        self._outcomes: dict[str, dict[str, Any]] = {}

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "task(id): the task that this test grades")
        config.stash[SITTING] = lambda _node: self._sitting

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._tell({"event": "crash", "reason": f"the suite does not load: {report.longrepr}"})

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self._order is not None:
            random.Random(self._order).shuffle(items)
        self._tell({"event": "promise", "tests": [promise_of(item) for item in items]})

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        report = yield
        outcome, message = _verdict(call)
        kept = self._outcomes.setdefault(item.nodeid, {"outcome": "passed", "message": ""})
        if kept["outcome"] == "passed" and outcome != "passed":
            kept.update(outcome=outcome, message=message)
        return report

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        kept = self._outcomes.get(nodeid, {"outcome": "failed", "message": "The test did not run."})
        self._tell({"event": "result", "id": nodeid, **kept, "output": self._sitting.printed()})

    def pytest_sessionfinish(self) -> None:
        self._tell({"event": "end"})


def promise_of(item: pytest.Item) -> dict[str, Any]:
    """What a collected test claims to be: its id, its task and its first line for the learner."""
    marks = [mark.args[0] for mark in item.iter_markers("task") if mark.args]
    documented = getattr(getattr(item, "function", None), "__doc__", None) or ""
    title = " ".join(documented.strip().split("\n\n")[0].split())
    return {"id": item.nodeid, "task": marks[0] if len(marks) == 1 else "", "marks": len(marks), "title": title}


def _verdict(call: pytest.CallInfo[None]) -> tuple[str, str]:
    if call.excinfo is None:
        return "passed", ""
    error = call.excinfo.value
    if isinstance(error, Unavailable):
        return "ungraded", str(error)
    if isinstance(error, AssertionError) and str(error):
        return "failed", str(error)
    if isinstance(error, pytest.fail.Exception):
        return "failed", str(error.msg)
    where = call.excinfo.traceback[-1]
    file = Path(str(where.path)).name
    told = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return (
        "failed",
        f"The suite could not make sense of the answer: {told} ({file} line {where.lineno + 1}).",
    )
