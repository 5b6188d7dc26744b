"""The trusted process: runs the suite under pytest and tells what it saw, event by event.

The suite is collected once for many candidates. Cases are promised before any runs, so that one that
never reports is known to be missing.
"""

from __future__ import annotations

import json
import os
import random
import socket
from pathlib import Path
from typing import Any

import pytest

from prodev.course import Exercise
from prodev.errors import Unavailable
from prodev.grading import fixtures
from prodev.grading.nursery import Attend
from prodev.grading.sitting import SITTING, Sitting

_LONGEST_REASON = 2000
_UNUSED_PLUGINS = (
    *("cacheprovider", "terminal", "junitxml", "doctest", "pastebin", "stepwise", "unittest", "faulthandler"),
    *("logging", "setuponly", "setupplan", "legacypath", "recwarn", "debugging"),
    *("unraisableexception", "threadexception"),
)


def host(attend: Attend, hosted: dict[str, Any]) -> int:
    """Collect the suite of the exercise in ``hosted`` once; then each child that is born runs it.

    A child is given what ``Sitting`` needs, and three descriptors: where its events go, the socket of the
    workers' nursery, and where one line says that the candidate is there, and how to run the suite.
    """
    exercise = Exercise(Path(hosted["root"]), hosted["module"], hosted["slug"])
    arguments = [str(exercise.tests), f"--rootdir={exercise.tests}", "-c", os.devnull]
    arguments += ["--assert=plain", "--import-mode=prepend", "--capture=no"]
    for name in _UNUSED_PLUGINS:
        arguments += ["-p", f"no:{name}"]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    run = _Run(exercise, attend)
    pytest.main(arguments, plugins=[fixtures, run])
    run.begin()  # unless it has begun: pytest gave up before it came to the tests
    run.end()
    return 0


class _Run:
    """The pytest plugin that waits with a collected suite for a candidate, and turns the run into events."""

    def __init__(self, exercise: Exercise, attend: Attend) -> None:
        self._exercise = exercise
        self._attend = attend
        self._sitting: Sitting | None = None
        self._asked: dict[str, Any] = {}
        self._serves = False
        self._problem = ""
        self._outcomes: dict[str, dict[str, Any]] = {}

    def begin(self) -> dict[str, Any]:
        """Get ready for a candidate, and wait for it; from here on this is a process of its own.

        Returns ``order`` and ``until_failure`` as they were asked for.
        """
        if self._sitting is None:
            self._sitting, start = self._get_ready()
            with os.fdopen(start) as line:
                said = line.readline()
            if not said:  # nobody will come
                self._sitting.close()
                os._exit(0)
            self._asked = json.loads(said)
            self._sitting.begin(seed=self._asked["seed"])
        return self._asked

    def _get_ready(self) -> tuple[Sitting, int]:
        given, (events, nursery, start) = self._attend()
        self._events = os.fdopen(events, "w", encoding="utf-8")
        folder = Path(given.pop("folder"))
        workers = socket.socket(fileno=nursery)
        sitting = Sitting(
            self._exercise, folder / "tree", folder / "scratch", nursery=workers, has_server=self._serves, **given
        )
        sitting.get_ready()
        self.tell({"event": "ready"})
        return sitting, start

    @property
    def sitting(self) -> Sitting:
        """The candidate before this suite."""
        assert self._sitting is not None, "the run has not begun"
        return self._sitting

    def tell(self, event: dict[str, Any]) -> None:
        """Write one event to whoever asked for this run."""
        self._events.write(json.dumps(event) + "\n")
        self._events.flush()

    def end(self) -> None:
        """Tell the end, and what went wrong if anything did; give back what the run held."""
        if self._problem:
            self.tell({"event": "crash", "reason": self._problem})
        self.tell({"event": "end"})
        self.sitting.close()

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "task(id): the task that this test grades")
        config.stash[SITTING] = lambda _node: self.sitting

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._problem = f"the suite does not load: {report.longrepr}"

    def pytest_internalerror(self, excrepr: object) -> None:
        self._problem = f"{excrepr}"[-_LONGEST_REASON:]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        fixtures_used = [getattr(item, "fixturenames", ()) for item in session.items]
        self._serves = any("server" in names for names in fixtures_used)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        asked = self.begin()
        if asked["order"] is not None:
            random.Random(asked["order"]).shuffle(session.items)
        session.config.option.maxfail = 1 if asked["until_failure"] else 0
        self.tell({"event": "promise", "tests": [promise_of(item) for item in session.items]})

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
        self.tell({"event": "result", "id": nodeid, **kept, "output": self.sitting.printed()})


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
