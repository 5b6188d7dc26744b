"""A report in the terminal: the tasks, the first failing message in full, and what to do now."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from prodev.grading import Report, TaskResult, TestResult
from prodev.show.console import line, mark
from prodev.show.text import clean, counted, near, tail

LABELS = (("I did", "none"), ("I saw", "saw"), ("Why", "why"), ("Look", "todo"))
_PRINTED_LINES = 12


@dataclasses.dataclass(frozen=True)
class Shown:
    """What is known about a run beside its report.

    ``files``: those to edit. ``untouched``: they still are the starter's. ``left_out``: changed
    files that the grade does not take. ``hints_left``: for the first failing task. ``watched``: on
    a screen that runs by itself and has keys for the rest.
    """

    title: str
    files: tuple[Path, ...] = ()
    untouched: bool = False
    left_out: tuple[str, ...] = ()
    hints_left: int = 0
    problems: tuple[str, ...] = ()
    printed_lines: int = _PRINTED_LINES
    watched: bool = False


def report_block(report: Report, shown: Shown) -> RenderableType:
    """Everything about one run, top to bottom."""
    return Group(*_parts(report, shown))


def _parts(report: Report, shown: Shown) -> Iterator[RenderableType]:
    yield _head(report, shown)
    if shown.watched:
        yield from edit_lines(shown.files)
    yield Text()
    yield tasks_table(report)
    yield Text()
    if report.problem:
        yield from _problem(report)
    elif report.outcome != "passed":
        yield from _first_failure(report, shown)
        yield from _further_failures(report)
    for note in (*report.notes, *(_left_out(path) for path in shown.left_out), *shown.problems):
        yield line(("Note  ", "unsure"), note)
    if report.outcome == "passed":
        points = f": all {counted(report.points, 'point')}" if report.points else ""
        yield line(mark("passed"), (f" Passed{points}.", "good"))
    else:
        yield _what_now(report, shown)


def _head(report: Report, shown: Shown) -> RenderableType:
    points = f"{report.earned} of {counted(report.points, 'point')}" if report.points else ""
    served = " · ".join([*report.engines.values(), f"{report.seconds:.2f} s"])
    rows = ((shown.title, points, "strong"), (report.exercise, served, "faint"))
    return Group(*(_two_ends(left, right, style) for left, right, style in rows))


def _two_ends(left: str, right: str, style: str) -> RenderableType:
    """One line with a text at either end; the left one gives way."""
    table = Table.grid(expand=True, padding=(0, 1))
    table.add_column(ratio=1)
    table.add_column(justify="right", no_wrap=True)
    table.add_row(line((left, style)), line((right, style)))
    return table


def tasks_table(report: Report) -> RenderableType:
    """One row for each task: mark, title, points."""
    table = Table.grid(expand=True, padding=(0, 1))
    table.add_column(width=1, no_wrap=True)
    table.add_column(ratio=1)
    table.add_column(justify="right", no_wrap=True)
    for task in report.tasks:
        points = "given" if task.given else f"{task.earned}/{task.points}" if task.points else ""
        table.add_row(line(mark(task.outcome)), line(task.title), line((points, "faint")))
    return table


def _problem(report: Report) -> Iterator[RenderableType]:
    style = "bad" if report.outcome == "failed" else "unsure"
    yield line((report.problem, style))
    if report.remedy:
        yield line(("→ ", "todo"), report.remedy)
    yield Text()


def _first_failure(report: Report, shown: Shown) -> Iterator[RenderableType]:
    test = _first_test(report.first_failing_task)
    if test is None:
        return
    if test.title:
        yield line(mark(test.outcome), " ", (test.title, "strong"))
    yield message_block(test.message)
    yield Text()
    if test.output.strip():
        yield line(("Your code printed", "strong"))
        for printed in tail(test.output, shown.printed_lines):
            yield line(("│ ", "faint"), printed)
        yield Text()


def message_block(message: str) -> RenderableType:
    """A failing message: its four parts set apart, or, if it has another shape, as it stands."""
    lines = clean(message).splitlines()
    if len(lines) != len(LABELS):
        return Padding(Text("\n".join(lines)), (0, 0, 0, 2))
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column()
    for (label, style), text in zip(LABELS, lines, strict=True):
        table.add_row(line((label, "faint")), Text(text, style=style))
    return Padding(table, (0, 0, 0, 2))


def _further_failures(report: Report) -> Iterator[RenderableType]:
    failing = [task for task in report.tasks if task.outcome != "passed"]
    if len(failing) < 2:
        return
    first, *rest = failing
    same = [task for task in rest if _told(task) == _told(first)]
    others = [task for task in rest if task not in same]
    if same:
        noun = "The task after it fails" if len(same) == 1 else f"{len(same)} more tasks fail"
        yield line((f"{noun} for the same reason.", "faint"))
    for task in others:
        text = line(mark(task.outcome), " ", (task.title + ". ", "faint"), (_told(task), "faint"))
        text.no_wrap, text.overflow = True, "ellipsis"
        yield text
    yield Text()


def _told(task: TaskResult) -> str:
    """What was seen, in one line."""
    lines = task.first_message.splitlines()
    if len(lines) == len(LABELS):
        return lines[1]
    return lines[0].partition("your code ")[2] or lines[0] if lines else ""


def _first_test(task: TaskResult | None) -> TestResult | None:
    return next((test for test in task.tests if test.outcome != "passed"), None) if task else None


def _left_out(path: str) -> str:
    return f"You changed {path}, which this exercise does not grade: the run used the course's own."


def edit_lines(files: Sequence[Path]) -> list[Text]:
    """Where to write, one line for each file."""
    return [line(("edit   ", "faint"), (near(path), "todo")) for path in files]


def _what_now(report: Report, shown: Shown) -> RenderableType:
    lines = [] if shown.watched else edit_lines(shown.files)
    if shown.untouched:
        files = ", ".join(path.name for path in shown.files)
        lines.insert(0, line(("start  ", "faint"), f"You have not changed {files} yet: the TODO there is your task."))
    if not shown.watched:
        lines.append(line(("again  ", "faint"), (f"prodev run {report.exercise} --seed {report.seed}", "todo")))
        if shown.hints_left:
            left = f"  ({counted(shown.hints_left, 'hint')} left for this task)"
            lines.append(line(("help   ", "faint"), (f"prodev hint {report.exercise}", "todo"), (left, "faint")))
    return Group(*lines)
