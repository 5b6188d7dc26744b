"""The trusted process: runs the suite under pytest and tells what it saw, event by event.

The suite is collected once for many candidates. Cases are promised before any runs, so that one that
never reports is known to be missing.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from prodev.course import Exercise
from prodev.errors import Unavailable
from prodev.grading import fixtures
from prodev.grading.nursery import Attend
from prodev.grading.sitting import SITTING, Sitting

_LONGEST_REASON = 2000
_PASSED = ("passed", "")
_UNUSED_PLUGINS = (
    *("cacheprovider", "terminal", "junitxml", "doctest", "pastebin", "stepwise", "unittest", "faulthandler"),
    *("logging", "setuponly", "setupplan", "legacypath", "recwarn", "debugging"),
    *("unraisableexception", "threadexception"),
)


def host(attend: Attend, hosted: dict[str, Any]) -> int:
    """Collect the suite of the exercise in ``hosted`` once; each child that is born runs it on one candidate after
    another.

    A child is given three descriptors: where its events go, the socket of the workers' nursery, and where it is
    told, line by line, what ``Sitting`` needs (``sit``), and that the candidate is there and how to run the suite
    (``run``).
    """
    exercise = Exercise(Path(hosted["root"]), hosted["module"], hosted["slug"])
    arguments = [str(exercise.tests), f"--rootdir={exercise.tests}", "-c", os.devnull]
    arguments += ["--assert=plain", "--import-mode=prepend", "--capture=no"]
    for name in _UNUSED_PLUGINS:
        arguments += ["-p", f"no:{name}"]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    run = _Run(exercise, attend)
    pytest.main(arguments, plugins=[fixtures, run])
    if not run.has_begun:  # pytest gave up before it came to the tests
        run.begin()
    run.end()
    return 0


class _Run:
    """The pytest plugin that waits with a collected suite for candidates, and turns each run into events."""

    def __init__(self, exercise: Exercise, attend: Attend) -> None:
        self._exercise = exercise
        self._attend = attend
        self._sitting: Sitting | None = None
        self._orders: Iterator[dict[str, Any]] | None = None
        self._asking = 0
        self._serves = False
        self._problem = ""
        self._resting: Any = None

    @property
    def has_begun(self) -> bool:
        """Whether a candidate is before this suite."""
        return self._sitting is not None

    @property
    def sitting(self) -> Sitting:
        """The candidate before this suite."""
        assert self._sitting is not None, "the run has not begun"
        return self._sitting

    def begin(self) -> dict[str, Any]:
        """Get ready for a candidate, and wait for it; return how the suite is run on it.

        The first time, what returns is a process of its own. It ends when nobody comes any more.
        """
        if self._orders is None:
            _, (events, nursery, orders) = self._attend()
            self._events = os.fdopen(events, "w", encoding="utf-8")
            self._workers = socket.socket(fileno=nursery)
            self._orders = map(json.loads, os.fdopen(orders))
        given = next(self._orders, None) or os._exit(0)
        folder = Path(given["sit"].pop("folder"))
        if self._resting is None and "postgres" in self._exercise.services:
            from prodev.testbed.resting import Resting

            self._resting = Resting()
        self._sitting = Sitting(
            self._exercise,
            folder / "tree",
            folder / "scratch",
            nursery=self._workers,
            has_server=self._serves,
            resting=self._resting,
            **given["sit"],
        )
        self._sitting.get_ready(tests=self._asking)
        self.tell({"event": "ready"})
        asked: dict[str, Any] | None = next(self._orders, None)
        if asked is None:
            self._sitting.close()
            os._exit(0)
        self._sitting.begin(seed=asked["run"]["seed"])
        how: dict[str, Any] = asked["run"]
        return how

    def tell(self, event: dict[str, Any]) -> None:
        """Write one event to whoever asked for this run."""
        self._events.write(json.dumps(event) + "\n")
        self._events.flush()

    def end(self) -> None:
        """Give back what the run held; tell the end, and what went wrong if anything did."""
        try:
            self.sitting.close()
        finally:
            if self._problem:
                self.tell({"event": "crash", "reason": self._problem})
            self.tell({"event": "end", "kept": self._resting.pids if self._resting else []})

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
        self._asking = sum("candidate" in names for names in fixtures_used)
        self._serves = any("server" in names for names in fixtures_used)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        while not session.testsfailed or self.has_begun:  # a suite that does not load is told at the end
            self._run(list(session.items), **self.begin())
            self.end()

    def _run(self, items: list[pytest.Item], *, order: int | None, until_failure: bool, **_: object) -> None:
        if order is not None:
            random.Random(order).shuffle(items)
        self.tell({"event": "promise", "tests": [promise_of(item) for item in items]})
        for item, following in itertools.zip_longest(items, items[1:]):
            outcome, message = self._verdict_on(item, following)
            found = {"outcome": outcome, "message": message, "output": self.sitting.printed()}
            self.tell({"event": "result", "id": item.nodeid, **found})
            if until_failure and outcome != "passed":
                item.session._setupstate.teardown_exact(None)
                break

    def _verdict_on(self, item: pytest.Item, following: pytest.Item | None) -> tuple[str, str]:
        """Set up, run and tear down one test.

        Pytest's own protocol around it, its reports and the hooks of plugins, would cost more than all of that.
        """
        state = item.session._setupstate
        verdict = _verdict_of(state.setup, item)
        if verdict == _PASSED:
            verdict = _verdict_of(item.runtest)
        if following is None:
            self.sitting.dismiss()
        ended = _verdict_of(state.teardown_exact, following)
        if isinstance(item, pytest.Function):
            item._initrequest()  # without what this run made: it runs again, on the next candidate
        return ended if verdict == _PASSED else verdict


def promise_of(item: pytest.Item) -> dict[str, Any]:
    """What a collected test claims to be: its id, its task and its first line for the learner."""
    marks = [mark.args[0] for mark in item.iter_markers("task") if mark.args]
    documented = getattr(getattr(item, "function", None), "__doc__", None) or ""
    title = " ".join(documented.strip().split("\n\n")[0].split())
    return {"id": item.nodeid, "task": marks[0] if len(marks) == 1 else "", "marks": len(marks), "title": title}


def _verdict_of(step: Callable[..., object], *args: object) -> tuple[str, str]:
    try:
        step(*args)
    except (KeyboardInterrupt, pytest.exit.Exception):
        raise
    except BaseException as error:
        return _verdict(error)
    return _PASSED


def _verdict(error: BaseException) -> tuple[str, str]:
    if isinstance(error, Unavailable):
        return "ungraded", str(error)
    if isinstance(error, AssertionError) and str(error):
        return "failed", str(error)
    if isinstance(error, pytest.fail.Exception):
        return "failed", str(error.msg)
    where = pytest.ExceptionInfo.from_exception(error).traceback[-1]
    file = Path(str(where.path)).name
    told = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return (
        "failed",
        f"The suite could not make sense of the answer: {told} ({file} line {where.lineno + 1}).",
    )
