"""What came out of the trials, as a table and as the page docs/mentor/rivals.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from string import Template
from typing import Any

FULL_MARKS = 3.0


@dataclass(frozen=True)
class Trial:
    """One submission with one grader; see trial.py for the fields."""

    points: dict[str, float] = field(default_factory=dict)
    stopped: bool = False
    harms: list[str] = field(default_factory=list)
    seconds: float = 0.0
    isolation: str = ""
    problem: str = ""


@dataclass
class Row:
    """A grader, read in one way, on every attack."""

    rival: str
    title: str
    reading: str
    seconds: float = 0.0
    isolation: str = ""
    trials: dict[str, Trial] = field(default_factory=dict)

    def given(self, name: str) -> float:
        return self.trials[name].points.get(self.reading, 0.0)

    def undeserved(self, attacks: Mapping[str, Mapping[str, Any]]) -> list[str]:
        return [name for name in self.trials if self.given(name) > attacks[name]["earns"]]

    def with_full_marks(self, attacks: Mapping[str, Mapping[str, Any]]) -> list[str]:
        return [name for name in self.undeserved(attacks) if self.given(name) >= FULL_MARKS]

    def lost(self, attacks: Mapping[str, Mapping[str, Any]]) -> list[str]:
        """Right answers in odd clothes that were not given all their points."""
        return [name for name in self.trials if attacks[name]["earns"] == FULL_MARKS and self.given(name) < FULL_MARKS]

    @property
    def hung(self) -> list[str]:
        return [name for name, trial in self.trials.items() if trial.stopped]

    @property
    def harmed(self) -> list[str]:
        return [name for name, trial in self.trials.items() if trial.harms]


@dataclass(frozen=True)
class Comparison:
    """All rows; sentences about the rivals without one; versions by package; the attacks tried, of how many."""

    rows: list[Row]
    missing: list[str]
    versions: Mapping[str, str]
    attacks: Mapping[str, Mapping[str, Any]]
    corpus: int

    @property
    def right(self) -> int:
        return sum(attack["earns"] == FULL_MARKS for attack in self.attacks.values())

    def cells(self, row: Row) -> list[str]:
        undeserved, full = row.undeserved(self.attacks), row.with_full_marks(self.attacks)
        counts = (undeserved, full, row.lost(self.attacks), row.hung, row.harmed)
        tried = "" if len(row.trials) == len(self.attacks) else f" ({len(row.trials)} submissions)"
        return [row.title + tried, *(str(len(names)) for names in counts), f"{row.seconds:.1f} s"]


HEADINGS = [
    "Grader",
    "Undeserved points",
    "of these, full marks",
    "Right answers that lost points",
    "Had to be stopped",
    "Left something behind, or harmed others",
    "The plain right answer",
]


def table(comparison: Comparison) -> str:
    """For a terminal, with the names behind each figure."""
    lines = [f"{len(comparison.attacks)} submissions, {comparison.right} of them right answers in odd clothes", ""]
    short = ("", "undeserved", "full marks", "lost", "stopped", "harms", "right answer")
    lines.append(f"{'':40}" + "".join(f"{word:>13}" for word in short[1:]))
    for row in comparison.rows:
        title, *figures = comparison.cells(row)
        lines.append(f"{title:40}" + "".join(f"{figure:>13}" for figure in figures))
    for row in comparison.rows:
        lines += ["", row.title + (f" ({row.isolation})" if row.isolation else "")]
        points = {name: f"{name} {row.given(name):g}" for name in row.trials}
        lines.append("  undeserved: " + ", ".join(points[name] for name in row.undeserved(comparison.attacks)))
        lines.append("  lost: " + ", ".join(points[name] for name in row.lost(comparison.attacks)))
        lines.append("  stopped: " + ", ".join(row.hung))
        harms = [f"{name} ({' '.join(row.trials[name].harms)})" for name in row.harmed]
        lines.append("  harms: " + ", ".join(harms))
        lines += [f"  {name}: {trial.problem}" for name, trial in row.trials.items() if trial.problem]
    return "\n".join([*lines, "", *comparison.missing])


def markdown(comparison: Comparison) -> str:
    """The page for mentors."""
    packages = ", ".join(f"{name} {version}" for name, version in sorted(comparison.versions.items()))
    sampled = [len(row.trials) for row in comparison.rows if len(row.trials) < len(comparison.attacks)]
    page = Template((Path(__file__).parent / "page.md").read_text(encoding="utf-8"))
    return page.substitute(
        date=datetime.now(UTC).strftime("%d %B %Y").lstrip("0"),
        python=platform.python_version(),
        versions=packages or "no other grader",
        cores=os.cpu_count(),
        sample=f" --sample {min(sampled)}" if sampled else "",
        attacks=len(comparison.attacks),
        corpus=comparison.corpus,
        right=comparison.right,
        table=_rows([HEADINGS, *(comparison.cells(row) for row in comparison.rows)]),
        missing="".join(f"- *Not in the table*: {sentence}\n" for sentence in comparison.missing),
        points=_rows(_points_by_attack(comparison)),
    ).rstrip("\n")


def _points_by_attack(comparison: Comparison) -> list[list[str]]:
    """Where at least one grader gave too much or too little: what each of them gave."""
    found = [["Submission", "Deserves", *(row.title for row in comparison.rows)]]
    for name, attack in comparison.attacks.items():
        telling = {*(name for row in comparison.rows for name in row.undeserved(comparison.attacks))}
        telling |= {*(name for row in comparison.rows for name in row.lost(comparison.attacks))}
        if name in telling:
            given = (f"{row.given(name):g}" if name in row.trials else "–" for row in comparison.rows)
            found.append([attack["attempts"].replace("|", "\\|"), str(attack["earns"]), *given])
    return found


def _rows(rows: list[list[str]]) -> str:
    heading, *rest = rows
    ruled = [heading, ["---"] + ["---:"] * (len(heading) - 1), *rest]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in ruled)
