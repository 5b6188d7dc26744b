"""Whatever is wrong is a clear sentence, and nothing is lost."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from learner import PRODEV, Prodev, children_of, is_alive, right_answer

from prodev.course import Course
from prodev.workspace import progress

LINUX = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for processes in /proc")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("caf\u00e9".encode("latin-1"), "nights.py is not UTF-8: byte 0xe9 on line 1"),
        (b"", "nights.py is empty"),
        (b"a = 1\0", "nights.py holds a NUL byte"),
        (None, "nights.py is missing"),
    ],
)
def test_a_file_that_cannot_be_graded(prodev: Prodev, answer: Path, content: bytes | None, sentence: str) -> None:
    answer.unlink()
    if content is not None:
        answer.write_bytes(content)

    said = prodev("run")

    assert said.code == 1
    assert sentence in said.words


def test_a_folder_in_the_place_of_the_file(prodev: Prodev, answer: Path) -> None:
    answer.unlink()
    answer.mkdir()

    said = prodev("run")

    assert said.code == 1
    assert re.search(r"nights\.py is (missing|not a file|a folder)", said.words)
    assert prodev("reset").code == 0
    assert answer.is_file()


def test_a_file_in_the_place_of_the_exercise(prodev: Prodev, workspace: Path) -> None:
    (workspace / "00-stays" / "price-tag").write_text("in the way")

    said = prodev("start", "price-tag")

    assert said.code == 2
    assert "is a file, and a folder is needed" in said.words


def test_a_broken_exercise_toml(prodev: Prodev, answer: Path, course: Course) -> None:
    toml = course.exercise("count-nights").folder / "exercise.toml"
    toml.write_text(toml.read_text().replace("minutes", "minuts"))

    for command in ("run", "start", "hint", "list", "next", "watch"):
        said = prodev(command, *(["count-nights"] if command not in ("list", "next") else []))
        assert said.code == 2, command
        assert "Did you mean 'minutes'?" in said.words
        assert "Traceback" not in said.err


def test_another_broken_exercise_costs_no_pass(prodev: Prodev, answer: Path, course: Course) -> None:
    (course.exercise("price-tag").folder / "exercise.toml").write_text("title = ")
    answer.write_text(right_answer(course))

    said = prodev("run")

    assert said.code == 0
    assert "is not valid TOML" in said.words
    assert json.loads((answer.parents[2] / "progress.json").read_text())["exercises"]["count-nights"]["passed"]


def test_a_broken_progress_file(prodev: Prodev, answer: Path, course: Course) -> None:
    answer.write_text(right_answer(course))
    (answer.parents[2] / "progress.json").write_text("<<<<<<< HEAD")

    said = prodev("run", "count-nights")

    assert said.code == 0
    assert "Your answers are safe." in said.words
    assert (answer.parents[2] / "progress.json").read_text() == "<<<<<<< HEAD"
    assert prodev().code == 2


def test_a_read_only_disk_still_grades(
    prodev: Prodev, answer: Path, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    answer.write_text(right_answer(course))
    monkeypatch.setattr(progress, "write_whole", refuse)

    said = prodev("run")

    assert said.code == 0
    assert "could not be recorded" in said.words
    assert "Read-only file system" in said.words
    assert prodev("hint").code == 2


def test_a_folder_that_was_removed_under_us(prodev: Prodev, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()

    said = prodev("run")

    assert said.code == 2
    assert "The folder you are in was removed." in said.words


def test_a_course_that_is_not_there(prodev: Prodev, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRODEV_COURSE", str(tmp_path))

    assert "set PRODEV_COURSE to its path" in prodev("list").words


def test_two_runs_at_once_are_both_right(answer: Path, course: Course) -> None:
    answer.write_text(right_answer(course))

    both = [subprocess.Popen([PRODEV, "run"], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [one.communicate()[0] for one in both]

    assert [one.returncode for one in both] == [0, 0]
    assert all("Passed: all 3 points." in text for text in said)
    assert json.loads((answer.parents[2] / "progress.json").read_text())["exercises"]["count-nights"]["runs"] == 2


@LINUX
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
@pytest.mark.parametrize("after_s", [0.2, 1.0])
def test_a_signal_leaves_no_process_and_loses_nothing(
    answer: Path, tmp_path: Path, number: signal.Signals, code: int, after_s: float
) -> None:
    answer.write_text("while True:\n    pass\n")
    before = (answer.parents[2] / "progress.json").read_bytes()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    run = subprocess.Popen(
        [PRODEV, "run"], stderr=subprocess.PIPE, text=True, env=os.environ | {"TMPDIR": str(scratch)}
    )
    time.sleep(after_s)
    below = children_of(run.pid)

    run.send_signal(number)
    _, said = run.communicate(timeout=20)

    assert run.returncode == code
    assert "Traceback" not in said
    assert wait_until_gone(below) == set()
    assert list(scratch.iterdir()) == []
    assert (answer.parents[2] / "progress.json").read_bytes() == before
    assert answer.read_text() == "while True:\n    pass\n"


def wait_until_gone(pids: set[int]) -> set[int]:
    for _ in range(100):
        pids = {pid for pid in pids if is_alive(pid)}
        if not pids:
            break
        time.sleep(0.05)
    return pids


@pytest.mark.parametrize("command", ["list", "run", "run --json"])
def test_output_that_nobody_reads_is_no_error(answer: Path, command: str) -> None:
    done = subprocess.run(f"{PRODEV} {command} | true", shell=True, capture_output=True, text=True, check=False)

    assert done.stderr == ""
