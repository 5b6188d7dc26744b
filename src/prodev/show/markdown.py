"""A report as Markdown: for a pull request, a forum, a summary of a pipeline."""

from __future__ import annotations

import re

from prodev.grading import Report, TaskResult
from prodev.show.text import clean, counted, tail

SIGNS = {"passed": "✓", "failed": "✗", "ungraded": "?"}
_PRINTED_LINES = 20


def report_markdown(report: Report) -> str:
    """The tasks as a table, then every message in a block of its own, where nothing in it is obeyed."""
    points = f": {report.earned} of {counted(report.points, 'point')}" if report.points else ""
    parts = [f"## {report.exercise}{points}", _table(report)]
    if report.problem:
        parts.append(_block(f"{report.problem}\n{report.remedy}".strip()))
    parts += [_details(task) for task in report.tasks if task.outcome != "passed" and task.first_message]
    parts += [f"Note: {_escaped(note)}" for note in report.notes]
    parts.append(_foot(report))
    return "\n\n".join(parts) + "\n"


def _table(report: Report) -> str:
    rows = ["| | Task | Points |", "| --- | --- | ---: |"]
    for task in report.tasks:
        points = "given" if task.given else f"{task.earned}/{task.points}" if task.points else ""
        rows.append(f"| {SIGNS[task.outcome]} | {_escaped(task.title)} | {points} |")
    return "\n".join(rows)


def _details(task: TaskResult) -> str:
    printed = next((test.output for test in task.tests if test.outcome != "passed"), "")
    told = f"**{_escaped(task.title)}**\n\n{_block(task.first_message)}"
    return f"{told}\n\nPrinted:\n\n{_block(chr(10).join(tail(printed, _PRINTED_LINES)))}" if printed.strip() else told


def _foot(report: Report) -> str:
    served = "".join(f" {engine}." for engine in report.engines.values())
    return f"`prodev run {report.exercise} --seed {report.seed}` repeats it.{served} Edition {report.edition}."


def _block(text: str) -> str:
    """Text between fences that are longer than any in it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{clean(text)}\n{fence}"


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>|#&])", r"\\\1", " ".join(clean(text).split()))
