"""A pytest plugin: plain ``pytest`` in a workspace runs the course's suites on the learner's own files.

For debuggers and editors, whose breakpoints then stop in those files. No grade comes from here:
``prodev run`` keeps the verdict in another process. ``--candidate=worker`` keeps the candidate in a
process of its own here too, as the grade does.

A suite stands in the tree as its exercise's README.md, a path that exists in the workspace, so that
``pytest 02-python/stream-bookings`` and an editor's ``pytest <node id>`` both find it.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from prodev.course import Course, Exercise
from prodev.grading import fixtures
from prodev.grading.leases import Shelf
from prodev.grading.nursery import Nursery
from prodev.grading.servant import WORKERS
from prodev.grading.sitting import SITTING, Sitting

_BRIEF = "README.md"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("prodev")
    group.addoption(
        "--candidate",
        choices=("inline", "worker"),
        default="inline",
        help="Run your code in this process (inline, for debuggers) or in one of its own (worker, as the grade does).",
    )
    group.addoption("--seed", type=int, default=None, help="Repeat the inputs of an earlier run.")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "task(id): the task that this test grades")
    config.pluginmanager.register(fixtures, "prodev-fixtures")
    table = _Table(worker=config.getoption("--candidate") == "worker", seed=config.getoption("--seed"))
    config.add_cleanup(table.clear)
    config.stash[SITTING] = table.seat


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Suite | None:
    """Put the suite of an exercise where its brief lies."""
    if file_path.name != _BRIEF:
        return None
    course, (module, slug) = Course.here(), file_path.parts[-3:-1]
    exercise = Exercise(course.root, module, slug)
    suite = next(iter(sorted(exercise.tests.glob("test_*.py"))), None)
    if suite is None or file_path.parent == exercise.folder:
        return None
    return Suite.of(parent, path=file_path, exercise=exercise, suite=suite)


def pytest_collection_modifyitems(items: list[pytest.Item], config: pytest.Config) -> None:
    """Refuse two web applications in one process: Django is set up once, for one project."""
    suites = {suite.exercise.slug: suite for item in items if (suite := item.getparent(Suite)) and suite.exercise.app}
    if len(suites) > 1 and config.getoption("--candidate") == "inline":
        raise pytest.UsageError(
            f"{', '.join(suites)} are web projects, and one process can hold only one of them. "
            f"Name one (pytest {next(iter(suites.values())).path.parent}), or add --candidate=worker."
        )


@pytest.fixture(autouse=True)
def _scratch_folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let a suite's tests work in a folder of their own, as when they grade; leave the learner's tests alone."""
    if request.node.getparent(Suite) is None:
        yield
        return
    with contextlib.chdir(tmp_path_factory.mktemp("scratch")):
        yield


class Suite(pytest.Module):
    """The course's test file for one exercise, on the learner's folder."""

    exercise: Exercise
    suite: Path

    @classmethod
    def of(cls, parent: pytest.Collector, *, path: Path, exercise: Exercise, suite: Path) -> Suite:
        made: Suite = cls.from_parent(parent, path=path)
        made.exercise, made.suite = exercise, suite
        return made

    def _getobj(self) -> ModuleType:
        if str(self.suite.parent) not in sys.path:
            sys.path.insert(0, str(self.suite.parent))
        return importlib.import_module(self.suite.stem)


class _Table:
    """One sitting for each exercise, laid when its first test asks."""

    def __init__(self, *, worker: bool, seed: int | None) -> None:
        self._worker = worker
        self._seed = secrets.randbelow(2**31) if seed is None else seed
        self._laid: dict[str, Sitting] = {}
        self._open = contextlib.ExitStack()

    def seat(self, node: pytest.Item | pytest.Collector) -> Sitting:
        """The sitting that ``node`` belongs to."""
        suite = node.getparent(Suite)
        if suite is None:
            raise pytest.UsageError(
                "The fixture 'candidate' belongs to the course's suites: use your own in your tests."
            )
        slug = suite.exercise.slug
        if slug not in self._laid:
            self._laid[slug] = self._open.enter_context(self._lay(suite))
        return self._laid[slug]

    def clear(self) -> None:
        self._open.close()

    @contextlib.contextmanager
    def _lay(self, suite: Suite) -> Iterator[Sitting]:
        exercise = suite.exercise
        with contextlib.ExitStack() as opened:
            scratch = opened.enter_context(tempfile.TemporaryDirectory(prefix="prodev-", ignore_cleanup_errors=True))
            shelf = Shelf(exercise)
            opened.callback(shelf.close)
            sitting = Sitting(
                exercise=exercise,
                tree=suite.path.parent,
                scratch=Path(scratch),
                seed=self._seed,
                services=opened.enter_context(shelf.lease()),
                nursery=opened.enter_context(_nursery(exercise)) if self._worker else None,
            )
            opened.callback(sitting.close)
            yield sitting


@contextlib.contextmanager
def _nursery(exercise: Exercise) -> Iterator[Any]:
    environ = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "TZ": "UTC"}
    nursery = Nursery("prodev.grading.worker", *exercise.preload, environ=environ, host=WORKERS)
    try:
        yield nursery.socket
    finally:
        nursery.close()
