"""``prodev watch`` in a real terminal (a pseudo one), and without any."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import signal
import subprocess
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from learner import PRODEV, children_of, is_alive, right_answer

from prodev.course import Course

WAIT_S = 20


class Terminal:
    """A pseudo terminal with ``prodev`` in it."""

    def __init__(self, *arguments: str) -> None:
        self.ours, self.theirs = pty.openpty()
        self.before = termios.tcgetattr(self.theirs)
        self.text = ""
        self.program = subprocess.Popen(
            [PRODEV, *arguments],
            stdin=self.theirs,
            stdout=self.theirs,
            stderr=self.theirs,
            start_new_session=True,
            env=os.environ | {"TERM": "xterm", "LINES": "32"},
        )

    def wait_for(self, wanted: str) -> str:
        """Read the screen until ``wanted`` is on it; what was read before no longer counts."""
        deadline = time.monotonic() + WAIT_S
        while wanted not in self.text:
            left = deadline - time.monotonic()
            assert left > 0, f"no {wanted!r} within {WAIT_S} s; the screen: {self.text[-2000:]}"
            if select.select([self.ours], [], [], min(left, 0.1))[0]:
                self.text += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", os.read(self.ours, 65536).decode(errors="replace"))
        seen, _, self.text = self.text.partition(wanted)
        return seen

    def press(self, keys: str) -> None:
        os.write(self.ours, keys.encode())

    def is_restored(self) -> bool:
        return termios.tcgetattr(self.theirs) == self.before

    def end(self) -> int:
        """Read what is left and return the exit code."""
        deadline = time.monotonic() + WAIT_S
        while self.program.poll() is None and time.monotonic() < deadline:
            if select.select([self.ours], [], [], 0.05)[0]:
                with contextlib.suppress(OSError):
                    os.read(self.ours, 65536)
        return self.program.wait(timeout=1)

    def close(self) -> None:
        if self.program.poll() is None:
            self.program.kill()
            self.program.wait()
        os.close(self.ours)
        os.close(self.theirs)


@pytest.fixture
def terminal(answer: Path) -> Iterator[Terminal]:
    """Watching ``count-nights``, with its first run done."""
    terminal = Terminal("watch")
    try:
        terminal.wait_for("You have not changed nights.py yet")
        yield terminal
    finally:
        terminal.close()


def test_a_save_a_pass_and_on_to_the_next(terminal: Terminal, answer: Path, course: Course) -> None:
    answer.write_text("def nights(:\n")
    terminal.wait_for("SyntaxError")

    answer.write_text(right_answer(course))
    terminal.wait_for("Passed: all 3 points.")
    terminal.wait_for("Next Say what a night costs")
    terminal.press("n")
    terminal.wait_for("tag.json")
    terminal.wait_for("0 of 4 points")
    terminal.press("q")

    assert terminal.end() == 0
    assert terminal.is_restored()
    assert (answer.parents[1] / "price-tag" / "tag.json").is_file()


def test_keys_for_hints_the_solution_and_going_on(terminal: Terminal) -> None:
    terminal.press("h")
    terminal.wait_for("1  A stay is half-open")
    terminal.press("h")
    terminal.wait_for("2  Subtract one date")
    terminal.press("n")
    terminal.wait_for("Not passed yet. n once more goes on without it.")
    terminal.press("s")
    terminal.wait_for("s once more shows the solution")
    terminal.press("\x1b[A")  # an arrow is no key of ours
    terminal.press("s")
    terminal.wait_for("return (check_out - check_in).days")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_way_out_gives_the_terminal_back(terminal: Terminal, number: signal.Signals) -> None:
    below = children_of(terminal.program.pid)

    terminal.program.send_signal(number)

    assert terminal.end() == {signal.SIGINT: 0}.get(number, 128 + number)
    assert terminal.is_restored()
    assert not any(is_alive(pid) for pid in below)


def test_without_a_terminal_each_save_is_a_line(answer: Path, course: Course) -> None:
    watch = subprocess.Popen([PRODEV, "watch"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    assert watch.stdout is not None
    try:
        assert watch.stdout.readline() == f"Watching {answer.parent}. Ctrl-C ends it.\n"
        assert "count-nights  0 of 3 points  Counts nights, not days" in watch.stdout.readline()

        answer.write_text(right_answer(course))

        assert watch.stdout.readline().endswith("count-nights  3 of 3 points  passed\n")
        watch.send_signal(signal.SIGINT)
        assert watch.wait(timeout=WAIT_S) == 0
    finally:
        watch.kill()
        watch.communicate()


def test_next_in_a_terminal_makes_the_workspace_and_leads_to_the_exercise(home: Path, course: Course) -> None:
    terminal = Terminal("next")
    try:
        terminal.wait_for("Your workspace is")
        terminal.wait_for("Next Half-open stays")
        terminal.wait_for("q leaves: ")
        terminal.press("e\n")
        terminal.wait_for("Count the nights of a stay")
        terminal.wait_for("Enter watches your saves, q leaves: ")
        terminal.press("\n")
        terminal.wait_for("waiting for a save")
        terminal.press("q")

        assert terminal.end() == 0
        assert terminal.is_restored()
        assert (course.root / "workspace/00-stays/count-nights/nights.py").is_file()
    finally:
        terminal.close()


def test_open_runs_the_editor(answer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "editing $2 $1"\n')
    editor.chmod(0o755)
    monkeypatch.setenv("EDITOR", f"{editor} --wait")
    terminal = Terminal("open")
    try:
        assert "editing" in terminal.wait_for("nights.py --wait")
        assert terminal.end() == 0
    finally:
        terminal.close()
