"""What the grading of a cohort found, for the terminal: who, which exercise, what could not be graded, what changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from prodev.cohort.compare import Change
from prodev.cohort.results import CohortReport, Handed, Result
from prodev.show.cohort_text import amount, one_line, ungraded_of
from prodev.show.console import line, mark
from prodev.show.text import counted, near

ROWS = 60
"""Submissions, and changes, that the terminal shows; the files have them all."""

_REASONS = 12
_ROUTINE = "Handed in "
"""How a remark begins that everybody gets, where there is a deadline."""

_NAMES = 5


def cohort_block(report: CohortReport) -> RenderableType:
    """Everything, top to bottom."""
    return Group(*_parts(report))


def _parts(report: CohortReport) -> Iterator[RenderableType]:
    yield line((one_line(report.title), "strong"))
    yield _submissions(report)
    if len(report.submissions) > ROWS:
        yield line((f"and {len(report.submissions) - ROWS} more in the files below", "faint"))
    yield Text()
    if report.exercises:
        yield _exercises(report)
        yield Text()
    else:
        yield line(("None of them holds an exercise of this course.", "unsure"))
    yield from _ungraded(report)
    yield from _notes(report)
    if report.alike:
        pairs = f"{len(report.alike)} pair{'' if len(report.alike) == 1 else 's'}"
        yield line(f"{pairs} of answers look alike: report.html shows them side by side.")
    if report.isolation:
        yield line((f"Isolation {report.isolation}.", "faint"))


def _submissions(report: CohortReport) -> RenderableType:
    found: dict[str, list[Result]] = {handed.name: [] for handed in report.submissions}
    for result in report.results:
        found[result.submission].append(result)
    table = _columns("left", "left", "right", "right", "left")
    table.add_row("", *(line((title, "faint")) for title in ("Submission", "Points", "Passed", "")))
    for handed in report.submissions[:ROWS]:
        table.add_row(*_submission_row(report, handed, found[handed.name]))
    return table


def _submission_row(report: CohortReport, handed: Handed, results: Sequence[Result]) -> list[Text]:
    name = line(one_line(handed.name))
    if handed.problem:
        return [line(mark("ungraded")), name, line("?"), line(""), line(("could not be graded", "unsure"))]
    passed = sum(result.report.outcome == "passed" for result in results)
    lacking = sum(any(task.outcome == "ungraded" for task in result.report.tasks) for result in results)
    late = sum(bool(result.late) for result in results)
    missing = len(report.exercises) - len(results)
    parts = {f"{lacking} not graded whole": lacking, f"{late} late": late, f"{missing} not handed in": missing}
    if not report.exercises:
        parts["nothing handed in"] = 1
    outcome = (
        "ungraded" if lacking or not report.exercises else "passed" if passed == len(report.exercises) else "failed"
    )
    points = sum(asked.points for asked in report.exercises)
    return [
        line(mark(outcome)),
        name,
        line(f"{amount(sum(result.awarded for result in results))}/{points}"),
        line(f"{passed}/{len(report.exercises)}"),
        line((", ".join(text for text, number in parts.items() if number), "faint")),
    ]


def _exercises(report: CohortReport) -> RenderableType:
    table = _columns("left", "right", "right", "left")
    table.add_row(
        *(line((title, "faint")) for title in ("Exercise", "Passed", "Average", "What most often went wrong"))
    )
    for asked in report.exercises:
        results = [result for result in report.results if result.exercise == asked.slug]
        passed = sum(result.report.outcome == "passed" for result in results)
        average = sum(result.report.earned for result in results) / len(results) if results else 0.0
        held = Counter(name for result in results for name in result.misconceptions)
        most = held.most_common(1)
        said = f"{most[0][1]} × {asked.beliefs.get(most[0][0], most[0][0])}" if most else _most_failed(results)
        numbers = f"{passed}/{len(results)}", f"{average:.1f}/{asked.points}"
        table.add_row(line(asked.slug), *map(line, numbers), line((one_line(said), "faint")))
    return table


def _most_failed(results: Sequence[Result]) -> str:
    tasks = (task for result in results for task in result.report.tasks)
    failed = Counter(task.title for task in tasks if task.outcome == "failed").most_common(1)
    return f"{failed[0][1]} × not yet: {failed[0][0]}" if failed else ""


def _ungraded(report: CohortReport) -> Iterator[RenderableType]:
    reasons = ungraded_of(report)
    if not reasons:
        return
    yield line(("Could not be graded", "unsure"))
    for found in reasons[:_REASONS]:
        names = ", ".join(one_line(name) for name in found.submissions[:_NAMES])
        more = f" and {len(found.submissions) - _NAMES} more" if len(found.submissions) > _NAMES else ""
        where = f", {found.exercise}" if found.exercise else ""
        yield line("  ", (f"{names}{more}{where}", "strong"), f": {found.reason}")
    if len(reasons) > _REASONS:
        yield line((f"  and {len(reasons) - _REASONS} more reasons, in the files below", "faint"))
    yield Text()


def _notes(report: CohortReport) -> Iterator[RenderableType]:
    """Remarks on what was handed in, which are often why somebody has fewer points than expected."""
    noted = [(each.name, note) for each in report.submissions for note in each.notes if not note.startswith(_ROUTINE)]
    if not noted:
        return
    yield line(("Worth knowing", "strong"))
    for name, note in noted[:_REASONS]:
        yield line("  ", (one_line(name), "strong"), f": {one_line(note)}")
    if len(noted) > _REASONS:
        yield line((f"  and {len(noted) - _REASONS} more remarks, in the files below", "faint"))
    yield Text()


def files_block(paths: Sequence[Path]) -> RenderableType:
    """Where the files are: the page to open by its path, the rest by name."""
    *rest, page = sorted(paths, key=lambda path: path.suffix == ".html")
    names = ", ".join(path.name for path in rest)
    return Group(line(("open  ", "faint"), (near(page), "todo")), line((f"      beside it: {names}", "faint")))


def changes_block(changes: Sequence[Change]) -> RenderableType:
    """What came out otherwise than in an earlier run."""
    if not changes:
        return line(("Compared with the earlier run, nothing changed.", "strong"))
    parts: list[RenderableType] = [line((f"{_changes(len(changes))} since the earlier run", "strong"))]
    for change in changes[:ROWS]:
        points = " → ".join("none" if each is None else amount(each) for each in (change.before, change.after))
        who = f"{one_line(change.submission)}, {change.exercise}: "
        parts.append(line((who, "none"), (points, "strong"), (f"  {one_line(' '.join(change.why))}", "faint")))
        for task in change.tasks:
            for test in task.tests:
                parts.append(
                    line(
                        f"  {_outcome(test.before)} → {_outcome(test.after)}  ",
                        (one_line(test.title or test.id), "faint"),
                    )
                )
    if len(changes) > ROWS:
        parts.append(line((f"and {len(changes) - ROWS} more in changes.json", "faint")))
    return Group(*parts, Text())


def _changes(number: int) -> str:
    return counted(number, "change")


def _outcome(outcome: str | None) -> str:
    return outcome or "none"


def _columns(*sides: str) -> Table:
    table = Table.grid(padding=(0, 2))
    for side in sides:
        table.add_column(justify="right" if side == "right" else "left", no_wrap=side == "right")
    return table
