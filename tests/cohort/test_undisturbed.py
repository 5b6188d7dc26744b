"""Processes that are killed, the grader's own among them, change nothing in what a cohort's report says."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from handing_in import NIGHTS, RIGHT, TOY, WRONG, in_folder

from prodev.cohort.results import CohortReport

ATTACKS = Path(__file__).resolve().parents[1] / "attacks"
PRODEV = Path(sys.executable).parent / "prodev"
LEARNERS = 300
HOSTILE = (
    *("equals-everything", "exit-at-import", "floods-the-output", "forges-a-report", "leave-in-the-call"),
    *("paints-passed", "patches-builtins", "raises-in-str", "patches-the-report", "segfault-at-import"),
)
SAME = ("results.json", "results.csv", "junit.xml", "summary.md")
PATIENCE_S = 240

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="finds the grader's processes in /proc")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy course with one case for each task: 300 answers are many, and cases are not what is tested here."""
    root = tmp_path_factory.mktemp("course") / "toy"
    shutil.copytree(TOY, root)
    suite = root / "exercises/00-stays/count-nights/tests/test_nights.py"
    text = suite.read_text(encoding="utf-8")
    fewer = re.sub(r"(\[\s*\(date\([^)]*\), date\([^)]*\)(?:, \d+)?\)),[^\]]*\]", r"\1]", text)
    assert fewer.count("(date(") == 2
    suite.write_text(fewer, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 learners whose answers all differ; ten of them are hostile."""
    root = tmp_path_factory.mktemp("cohort") / "spring"
    every = LEARNERS // len(HOSTILE)
    for number in range(LEARNERS):
        text = WRONG if number % 3 == 1 else RIGHT
        if number % every == every // 2:
            text = (ATTACKS / HOSTILE[number // every] / "nights.py").read_text(encoding="utf-8")
        in_folder(root / f"learner-{number:03}", {NIGHTS: f"{text}\n# answer {number}\n"})
    return root


class Run:
    """``prodev grade`` in a process of its own."""

    def __init__(self, course: Path, cohort: Path, out: Path) -> None:
        self.kept = out / ".kept" / "graded" / "count-nights"
        self._said = out.with_suffix(".said").open("ab")
        self._process = subprocess.Popen(
            [PRODEV, "grade", str(cohort), "--exercise", "count-nights", "--out", str(out), "--jobs", "2"],
            env=os.environ | {"PRODEV_COURSE": str(course)},
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=self._said,
        )

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._said.close()

    def graded(self) -> dict[str, int]:
        """What is kept, with the time at which each was written."""
        return {path.name: path.stat().st_mtime_ns for path in self.kept.glob("*.json")}

    def wait_for(self, count: int) -> None:
        """Wait until at least ``count`` answers are graded."""
        deadline = time.monotonic() + PATIENCE_S
        while len(self.graded()) < count:
            assert time.monotonic() < deadline, "grading does not go on"
            assert self._process.poll() is None, Path(self._said.name).read_text()
            time.sleep(0.01)

    def end(self) -> int:
        """Wait for the end, and return the exit code."""
        return self._process.wait(PATIENCE_S)

    def kill(self) -> None:
        """End the grader as the kernel does when memory runs out."""
        self._process.kill()
        self._process.wait()

    def kill_one_below(self, depth: int, *, last: bool) -> None:
        """End a process that the grader started, ``depth`` generations down, as soon as there is one."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            family = below(self._process.pid, depth)
            if family:
                with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile: the next one
                    os.kill(family[-1 if last else 0], signal.SIGKILL)
                    return
        raise AssertionError(f"nothing runs {depth} generations below the grader")


def below(pid: int, depth: int) -> list[int]:
    """Processes ``depth`` generations below ``pid``, the oldest first."""
    return list(_below([pid], depth))


def _below(pids: list[int], depth: int) -> list[int]:
    if depth == 0:
        return sorted(pids)
    return _below([child for pid in pids for child in _children(pid)], depth - 1)


def _children(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            yield from map(int, task.read_text().split())
        except OSError:  # it has ended
            return


@pytest.fixture(scope="module")
def undisturbed(course: Path, cohort: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results folder of a run that nobody disturbs."""
    out = tmp_path_factory.mktemp("results") / "undisturbed"
    with Run(course, cohort, out) as run:
        assert run.end() == 0, out.with_suffix(".said").read_text()
    return out


def test_every_answer_is_graded_and_the_hostile_ones_earn_nothing(undisturbed: Path) -> None:
    report = msgspec.json.decode((undisturbed / "results.json").read_bytes(), type=CohortReport)

    every = LEARNERS // len(HOSTILE)
    hostile = {f"learner-{number:03}" for number in range(every // 2, LEARNERS, every)}
    assert len({result.key for result in report.results}) == LEARNERS
    assert {result.report.outcome for result in report.results} == {"passed", "failed"}
    assert {result.awarded for result in report.results if result.submission in hostile} == {0.0}
    assert {result.awarded for result in report.results if result.submission not in hostile} == {1.0, 3.0}


def test_killed_processes_change_nothing(undisturbed: Path, course: Path, cohort: Path, tmp_path: Path) -> None:
    out = tmp_path / "disturbed"

    with Run(course, cohort, out) as first:
        first.wait_for(20)
        first.kill_one_below(1, last=False)
        first.wait_for(50)
        first.kill_one_below(2, last=True)
        first.wait_for(80)
        first.kill()
        kept = first.graded()
    with Run(course, cohort, out) as second:
        second.wait_for(120)
        second.kill_one_below(1, last=True)
        second.wait_for(150)
        second.kill_one_below(2, last=False)
        second.wait_for(170)
        second.kill()
        kept |= {name: written for name, written in second.graded().items() if name not in kept}
    with Run(course, cohort, out) as third:
        third.wait_for(200)
        third.kill_one_below(3, last=True)
        code = third.end()
        graded = third.graded()

    assert code == 0, out.with_suffix(".said").read_text()
    assert {name: graded[name] for name in kept} == kept, "something was graded twice"
    for name in SAME:
        assert (out / name).read_bytes() == (undisturbed / name).read_bytes(), name
