"""The one screen of ``prodev watch``: what to edit, how it stands, what to do about it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.rule import Rule
from rich.text import Text

from prodev.course import Exercise
from prodev.grading import Report
from prodev.show.boards import step_block
from prodev.show.brief import hint_block
from prodev.show.console import line
from prodev.show.report import Shown, edit_lines, report_block
from prodev.show.text import counted
from prodev.workspace.help import Hints
from prodev.workspace.route import Step

_CLEAR = "\x1b[H\x1b[2J"
_PRINTED_LINES = (12, 6, 3, 1)


@dataclasses.dataclass
class Screen:
    """What is on it. ``passed`` brings the next step with it; ``said`` is one line about the last key."""

    exercise: Exercise
    files: Sequence[Path]
    report: Report | None = None
    shown: Shown | None = None
    hints: Hints | None = None
    hints_left: int = 0
    next: Step | None = None
    passed: bool = False
    running: bool = False
    broken: str = ""
    said: str = ""


def draw(console: Console, screen: Screen) -> str:
    """The whole screen as text, short enough for the terminal: what was printed gives way first."""
    height = console.size.height - 1
    text = ""
    for printed_lines in _PRINTED_LINES:
        with console.capture() as captured:
            console.print(_layout(screen, printed_lines))
        text = captured.get()
        if text.count("\n") <= height:
            break
    lines = text.splitlines()
    if len(lines) > height:
        foot = lines[-2:]
        lines = [*lines[: height - 3], "…", *foot]
    return _CLEAR + "\n".join(lines) + "\n"


def _layout(screen: Screen, printed_lines: int) -> RenderableType:
    parts: list[RenderableType] = []
    if screen.report is not None and screen.shown is not None:
        parts.append(report_block(screen.report, dataclasses.replace(screen.shown, printed_lines=printed_lines)))
    else:
        parts += [line((screen.exercise.title, "strong")), *edit_lines(screen.files)]
    if screen.broken:
        parts.append(line((screen.broken, "unsure"), "\nThe next save tries again."))
    if screen.passed:
        parts += [Text(), step_block(screen.next, keys=True)]
    if screen.hints is not None:
        parts += [Text(), hint_block(screen.hints)]
    if screen.said:
        parts += [Text(), line((screen.said, "unsure"))]
    state = "running…" if screen.running else "waiting for a save"
    rule = Rule(line((state, "unsure" if screen.running else "faint")), align="left", style="faint")
    return Group(*parts, rule, _keys(screen))


def _keys(screen: Screen) -> Text:
    keys = [("n", "next"), ("s", "solution")]
    if screen.hints_left:
        keys.insert(1, ("h", f"hint ({screen.hints_left})"))
    keys += [("b", "brief"), ("l", "lesson"), ("q", "quit")]
    bar = Text("  ").join(line((key, "todo"), f" {meaning}") for key, meaning in keys)
    bar.no_wrap, bar.overflow = True, "ellipsis"
    return bar


def save_line(report: Report, at: str) -> str:
    """One plain line for one run, for a log: when, what, how many points, what to look at."""
    task = report.first_failing_task
    said = report.problem or (task.title if task else "passed")
    points = f"  {report.earned} of {counted(report.points, 'point')}" if report.points else ""
    return f"{at}  {report.exercise}{points}  {said}"
