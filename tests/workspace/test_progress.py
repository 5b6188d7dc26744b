"""Progress is written whole or not at all, by one command at a time."""

from __future__ import annotations

import contextlib
import errno
import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from prodev.course import Course, Exercise
from prodev.grading import Report, TaskResult
from prodev.workspace import NotRecorded, ProgressFile, Workspace, progress
from prodev.workspace.record import record_run

COUNT_UP = """
import sys
from pathlib import Path
from prodev.workspace import ProgressFile
file = ProgressFile(Path(sys.argv[1]))
for _ in range(25):
    with file.change() as progress:
        progress.attempt("count-nights").runs += 1
"""


def report(*, half_open: str = "passed", refuses: str = "passed") -> Report:
    outcomes = {"half-open": (half_open, 2), "refuses": (refuses, 1)}
    tasks = tuple(
        TaskResult(id=id_, title=id_, outcome=outcome, points=points, earned=points if outcome == "passed" else 0)  # type: ignore[arg-type]
        for id_, (outcome, points) in outcomes.items()
    )
    said = {task.outcome for task in tasks}
    return Report(
        exercise="count-nights",
        edition="1",
        digest="",
        outcome="failed" if "failed" in said else "ungraded" if "ungraded" in said else "passed",
        points=3,
        earned=sum(task.earned for task in tasks),
        tasks=tasks,
        seed=1,
        seconds=0.1,
        isolation="",
    )


def test_nothing_is_recorded_at_first(tmp_path: Path) -> None:
    assert ProgressFile(tmp_path / "progress.json").read().exercises == {}


def test_two_commands_at_once_are_both_recorded(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"

    both = [subprocess.Popen([sys.executable, "-c", COUNT_UP, path]) for _ in range(2)]

    assert [one.wait() for one in both] == [0, 0]
    assert ProgressFile(path).read().exercises["count-nights"].runs == 50


def test_an_interrupted_change_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = ProgressFile(tmp_path / "progress.json")
    with file.change() as one:
        one.current = "count-nights"

    with contextlib.suppress(KeyboardInterrupt), file.change() as two:
        two.current = "price-tag"
        raise KeyboardInterrupt

    assert file.read().current == "count-nights"


@pytest.mark.parametrize("content", ["{", '{"exercises": 3}', "<<<<<<< HEAD\n{}\n"])
def test_a_broken_file_is_named_and_not_written_over(tmp_path: Path, content: str) -> None:
    path = tmp_path / "progress.json"
    path.write_text(content)

    with pytest.raises(NotRecorded, match="cannot be read") as refused, ProgressFile(path).change():
        pass

    assert "Your answers are safe" in refused.value.remedy
    assert path.read_text() == content


def test_a_disk_that_refuses_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(progress, "write_whole", refuse)

    with pytest.raises(NotRecorded, match="Read-only file system"), ProgressFile(tmp_path / "progress.json").change():
        pass


def test_a_lock_that_is_never_given_back_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = ProgressFile(tmp_path / "progress.json")
    monkeypatch.setattr(progress, "_PATIENCE_S", 0.1)

    with file.change(), pytest.raises(NotRecorded, match="locked for"), file.change():
        pass


def test_a_pass_stays_a_pass_and_points_the_best_so_far(workspace: Workspace, course: Course, nights: Exercise) -> None:
    record_run(workspace, course, nights, report())
    record_run(workspace, course, nights, report(half_open="failed"))

    attempt = workspace.progress.read().exercises["count-nights"]
    assert attempt.passed
    assert attempt.earned == 3
    assert attempt.runs == 2
    assert attempt.tasks == {"half-open": "failed", "refuses": "passed"}


def test_what_could_not_be_graded_changes_no_task(workspace: Workspace, course: Course, nights: Exercise) -> None:
    record_run(workspace, course, nights, report(refuses="failed"))
    record_run(workspace, course, nights, report(half_open="ungraded", refuses="ungraded"))

    assert workspace.progress.read().exercises["count-nights"].tasks == {"half-open": "passed", "refuses": "failed"}


def test_a_pass_fills_the_table_of_the_readme(workspace: Workspace, course: Course, nights: Exercise) -> None:
    before = (workspace.root / "README.md").read_text()
    assert "| 00 Stays | ░░░░░░░░░░ | 0/2 | 0/7 |" in before

    record_run(workspace, course, nights, report())

    after = (workspace.root / "README.md").read_text()
    assert "| 00 Stays | ████░░░░░░ | 1/2 | 3/7 |" in after
    assert before.partition("|")[0] == after.partition("|")[0]
    assert before.partition("<!-- end")[2] == after.partition("<!-- end")[2]


def test_a_readme_without_markers_is_the_learners(workspace: Workspace, course: Course, nights: Exercise) -> None:
    (workspace.root / "README.md").write_text("Mine.\n")

    record_run(workspace, course, nights, report())

    assert (workspace.root / "README.md").read_text() == "Mine.\n"


def test_the_file_is_json_that_diffs_line_by_line(workspace: Workspace, course: Course, nights: Exercise) -> None:
    record_run(workspace, course, nights, report())

    text = workspace.progress.path.read_text()
    assert json.loads(text)["exercises"]["count-nights"]["earned"] == 3
    assert len(text.splitlines()) > 10
    assert msgspec.json.decode(text)["schema"] == 1
