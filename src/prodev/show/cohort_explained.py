"""One submission in full, for a dispute: what was taken, how it was graded, what each test said, how to repeat it."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterator, Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from prodev.cohort.candidates import Candidate
from prodev.cohort.results import Asked, CohortReport, Handed, Result
from prodev.show.console import line, mark
from prodev.show.exports import amount, one_line
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
        parts += [Text(), *_exercise(result, titles[result.exercise], *kept.get(result.exercise, (None, None)))]
        parts += _repeat(handed, result)
    if not results and not handed.problem:
        parts.append(line(("No exercise of it was graded.", "unsure")))
    return Group(*parts)


def _about(report: CohortReport, handed: Handed) -> Iterator[RenderableType]:
    yield line((one_line(handed.name), "strong"))
    yield _fact("from", handed.origin)
    if handed.commit:
        yield _fact("commit", handed.commit)
    if handed.at:
        yield _fact("handed in", handed.at)
    yield _fact("edition", f"{report.edition}, grader {report.grader[:12] or 'unknown'}")
    for note in handed.notes:
        yield _fact("note", note)
    if handed.problem:
        yield line((one_line(handed.problem), "unsure"))


def _exercise(
    result: Result, asked: Asked, candidate: Candidate | None, seconds: float | None
) -> Iterator[RenderableType]:
    report = result.report
    yield line(mark(report.outcome), " ", (one_line(asked.title), "strong"), (f"  {asked.slug}", "faint"))
    yield _fact(
        "points", f"{report.earned} of {counted(report.points, 'point')} earned, {amount(result.awarded)} count"
    )
    yield _fact("lateness", result.late or "in time, or no deadline")
    took = "" if seconds is None else f", graded in {seconds:.2f} s"
    yield _fact("drawn with", f"seed {report.seed}{took}")
    yield _fact("behind", "; ".join([report.isolation or "nothing was run", *report.engines.values()]))
    yield _fact("digest", f"{result.key} of files, tests and edition; suite {asked.suite[:12] or 'unknown'}")
    yield from _files(candidate)
    for name in result.misconceptions:
        yield _fact("belief", asked.beliefs.get(name, name))
    for text in (*report.notes, report.problem, report.remedy):
        if text:
            yield _fact("note", text)
    for task in report.tasks:
        earned = "given" if task.given else f"{task.earned}/{task.points}"
        yield line("  ", mark(task.outcome), f" {one_line(task.title)}  ", (earned, "strong"))
        for test in task.tests:
            yield line(
                "    ", mark(test.outcome), f" {one_line(test.title) or test.id}  ", (one_line(test.id), "faint")
            )
            if test.outcome != "passed":
                yield Padding(message_block(test.message), (0, 0, 0, 4))
                for printed in tail(test.output, _PRINTED_LINES) if test.output.strip() else ():
                    yield line("      │ ", printed)


def _files(candidate: Candidate | None) -> Iterator[RenderableType]:
    if candidate is None:
        yield _fact("files", "no longer kept")
        return
    for path, content in candidate.files.items():
        digest = hashlib.sha256(content).hexdigest()
        yield _fact("file", f"{path}, {counted(len(content), 'byte')}, SHA-256 {digest[:16]}")
    for path in (*candidate.links, *candidate.folders):
        yield _fact("not taken", f"{path}, which is a link or a folder")
    if not candidate.files:
        yield _fact("files", candidate.problem or "none was taken")


def _repeat(handed: Handed, result: Result) -> Iterator[RenderableType]:
    origin = f"{handed.origin}#{handed.commit}" if handed.commit else handed.origin
    again = shlex.join(["prodev", "grade", one_line(origin), "--exercise", result.exercise, "--out", "again"])
    yield line(("  repeat it      ", "faint"), (again, "todo"))
    yield line(("  as the learner ", "faint"), (f"prodev run {result.exercise} --seed {result.report.seed}", "todo"))


def _fact(name: str, text: str) -> Text:
    return line((f"  {name:<11}", "faint"), one_line(text))
