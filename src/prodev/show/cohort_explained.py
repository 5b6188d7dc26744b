"""One submission in full, for a dispute: what was taken, how it was graded, what each test said, how to repeat it."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterable, Iterator, Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from prodev.cohort.candidates import Candidate
from prodev.cohort.results import Asked, CohortReport, Handed, Result
from prodev.grading import TestResult
from prodev.show.cohort_text import amount, one_line
from prodev.show.console import line, mark
from prodev.show.report import message_block
from prodev.show.text import counted, tail

_PRINTED_LINES = 12

Kept = Mapping[str, tuple[Candidate | None, float | None]]
"""By exercise: the files that were taken and the seconds that grading took, as far as they are still known."""


def explanation(report: CohortReport, handed: Handed, kept: Kept, *, exercises: frozenset[str]) -> RenderableType:
    """Everything that is known of ``handed``; of all its exercises when ``exercises`` is empty."""
    titles = {asked.slug: asked for asked in report.exercises}
    results = [
        result
        for result in report.results
        if result.submission == handed.name and (not exercises or result.exercise in exercises)
    ]
    parts = list(_about(report, handed))
    for result in results:
        known = kept.get(result.exercise, (None, None))
        parts += [Text(), *_exercise(handed, result, titles[result.exercise], *known)]
    if not results and not handed.problem:
        parts.append(line(("No exercise of it was graded.", "unsure")))
    return Group(*parts)


def _about(report: CohortReport, handed: Handed) -> Iterator[RenderableType]:
    yield line((one_line(handed.name), "strong"))
    facts = [
        ("from", handed.origin),
        ("commit", handed.commit),
        ("handed in", handed.at),
        ("edition", f"{report.edition}, grader {report.grader[:12] or 'unknown'}"),
        *(("note", note) for note in handed.notes),
    ]
    yield _grid((name, one_line(text)) for name, text in facts if text)
    if handed.problem:
        yield line((one_line(handed.problem), "unsure"))


def _exercise(
    handed: Handed, result: Result, asked: Asked, candidate: Candidate | None, seconds: float | None
) -> Iterator[RenderableType]:
    report = result.report
    yield line(mark(report.outcome), " ", (one_line(asked.title), "strong"), (f"  {asked.slug}", "faint"))
    took = "" if seconds is None else f"; graded in {seconds:.2f} s"
    facts = [
        ("points", f"{report.earned} of {counted(report.points, 'point')} earned, {amount(result.awarded)} count"),
        ("lateness", result.late or "none"),
        ("inputs", f"drawn with seed {report.seed}{took}"),
        ("isolation", "; ".join([report.isolation or "nothing was run", *report.engines.values()])),
        ("digest", f"{result.key} (files, tests, edition); exercise {asked.suite[:12] or 'unknown'}"),
        *_files(candidate),
        *(("belief", asked.beliefs.get(name, name)) for name in result.misconceptions),
        *(("note", text) for text in (*report.notes, report.problem, report.remedy)),
        ("repeat it", _again(handed, result)),
        ("by learner", f"prodev run {result.exercise} --seed {report.seed}"),
    ]
    yield _grid((name, one_line(text)) for name, text in facts if text)
    for task in report.tasks:
        earned = "given" if task.given else f"{task.earned}/{task.points}"
        yield line("  ", mark(task.outcome), f" {one_line(task.title)}  ", (earned, "strong"))
        for test in task.tests:
            yield from _test(test)


def _test(test: TestResult) -> Iterator[RenderableType]:
    yield Padding(line(mark(test.outcome), f" {one_line(test.title)} ", (one_line(test.id), "faint")), (0, 0, 0, 4))
    if test.outcome != "passed":
        yield Padding(message_block(test.message), (0, 0, 0, 4))
        for printed in tail(test.output, _PRINTED_LINES) if test.output.strip() else ():
            yield line("      │ ", printed)


def _files(candidate: Candidate | None) -> Iterator[tuple[str, str]]:
    if candidate is None:
        yield "files", "no longer kept"
        return
    for path, content in candidate.files.items():
        digest = hashlib.sha256(content).hexdigest()
        yield "file", f"{path}, {counted(len(content), 'byte')}, SHA-256 {digest[:16]}"
    for path in (*candidate.links, *candidate.folders):
        yield "not taken", f"{path}, which is a link or a folder"
    if not candidate.files:
        yield "files", "none"


def _again(handed: Handed, result: Result) -> str:
    origin = f"{handed.origin}#{handed.commit}" if handed.commit else handed.origin
    return shlex.join(["prodev", "grade", origin, "--exercise", result.exercise, "--out", "again"])


def _grid(rows: Iterable[tuple[str, str]]) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(width=10, no_wrap=True)
    table.add_column()
    for name, text in rows:
        table.add_row(line((name, "faint")), line(text))
    return Padding(table, (0, 0, 0, 2))
