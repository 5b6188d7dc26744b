"""The files that the grading of a cohort leaves for other programs, and for a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from prodev.cohort.compare import Change
from prodev.cohort.results import CohortReport, Timings, cohort_json, cohort_schema
from prodev.cohort.store import RESULTS, write_atomically
from prodev.show.exports import csv_bytes, gradescope_bytes, junit_bytes, markdown_text

CHANGES = "changes.json"

Writer = Callable[[CohortReport, Timings], bytes | None]
"""Makes the content of a file; None where this cohort has no such file."""


def _html(report: CohortReport, timings: Timings) -> bytes:
    from prodev.show.cohort_html import html_page

    page: str | bytes = html_page(report, timings)
    return page.encode() if isinstance(page, str) else page


def _gradescope(report: CohortReport, _timings: Timings) -> bytes | None:
    return gradescope_bytes(report, report.submissions[0].name) if len(report.submissions) == 1 else None


WRITERS: dict[str, Writer] = {
    RESULTS: lambda report, _: cohort_json(report),
    "results.schema.json": lambda *_: msgspec.json.format(msgspec.json.encode(cohort_schema()), indent=2) + b"\n",
    "results.csv": lambda report, _: csv_bytes(report),
    "summary.md": lambda report, _: markdown_text(report).encode(),
    "junit.xml": lambda report, _: junit_bytes(report),
    "gradescope.json": _gradescope,
    "report.html": _html,
}
"""By file name."""


def write_files(folder: Path, report: CohortReport, timings: Timings) -> list[Path]:
    """Write every file into ``folder``, each as a whole, and return their paths; one of an earlier run is replaced."""
    written = []
    for name, content_of in WRITERS.items():
        content = content_of(report, timings)
        if content is None:
            (folder / name).unlink(missing_ok=True)
        else:
            write_atomically(folder / name, content)
            written.append(folder / name)
    return written


def write_changes(folder: Path, changes: tuple[Change, ...]) -> Path:
    """Write what a comparison found, as JSON, and return the path."""
    write_atomically(folder / CHANGES, msgspec.json.format(msgspec.json.encode(changes), indent=2) + b"\n")
    return folder / CHANGES
