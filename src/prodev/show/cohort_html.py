"""A cohort's result as one HTML page that opens from disk: what a mentor should do first stands first.

Nearly every text on it was written by strangers. The templates escape all of them, nothing is ever marked as safe,
every text has a bound, and a Content-Security-Policy lets nothing run and nothing load but the page's own style.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import markupsafe

from prodev.cohort.results import CohortReport, Timings
from prodev.grading import TaskResult
from prodev.show.cohort_facts import (
    LEVELS,
    Cell,
    LearnerFacts,
    Level,
    behind,
    exercises_of,
    grid_of,
    learners_of,
    puzzles,
    reasons_of,
    widespread,
)
from prodev.show.cohort_pairs import MOST_PAIRS, circles_of
from prodev.show.cohort_text import amount, legal, one_line, reason_of

_PAGES = Path(__file__).parent / "pages"
_NAMED = {
    "all": "all points",
    "most": "half or more",
    "some": "less than half",
    "none": "no points",
    "unknown": "not graded",
    "absent": "not handed in",
}
_LONGEST_MESSAGE = 1_200
_LONGEST_LINES = 24
_TESTS = 4
_ROOM = 4_000_000
"""Characters of messages on the whole page, shared out evenly among the learners."""
_LEAST_ROOM, _MOST_ROOM = 4_000, 40_000


class Told(NamedTuple):
    """A test that did not pass, and what it said."""

    title: str
    message: str


class TaskView(NamedTuple):
    """A task as a learner's section shows it. ``more`` counts tests whose messages there is no room for."""

    title: str
    outcome: str
    points: str
    told: list[Told]
    more: int


class Answer(NamedTuple):
    """One answer that there is something to say about."""

    cell: Cell
    tasks: list[TaskView]
    said: list[str]
    beliefs: list[str]


def html_page(report: CohortReport, timings: Timings) -> bytes:
    """The page, in UTF-8. Equal reports and timings give equal bytes; 200 learners times 30 exercises, a few MB."""
    env = _environment()
    style = env.get_template("cohort.css").render()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    grid = grid_of(report)
    learners = learners_of(report, grid)
    exercises = exercises_of(report, grid, timings)
    page = env.get_template("cohort.html").render(
        report=report,
        timings=timings,
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        learners=learners,
        exercises=exercises,
        answers=[_answers(report, learner) for learner in learners],
        ideas=widespread(exercises),
        puzzles=puzzles(exercises),
        behind=behind(learners),
        circles=circles_of(report),
        pairs_left_out=max(len(report.alike) - MOST_PAIRS, 0),
        ungraded=list(reasons_of(report).items()),
    )
    return page.encode()


def _environment() -> jinja2.Environment:
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_PAGES),
        autoescape=True,
        finalize=_shown,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(amount=amount, brief=brief, many=many, moment=moment, clock=clock, cut=cut)
    env.globals.update(LEVELS=LEVELS, NAMED=_NAMED, segments=segments)
    return env


def _shown(value: Any) -> Any:
    """The last thing that happens to a value before it is escaped."""
    return legal(value) if isinstance(value, str) and not isinstance(value, markupsafe.Markup) else value


def brief(text: str, most: int = 60) -> str:
    """``text`` in one line of at most ``most`` characters; words of ours where nothing of it can be seen."""
    line = one_line(text[: 20 * most])
    return (f"{line[: most - 1]}…" if len(line) > most else line) or "(no name)"


def cut(text: str) -> str:
    """``text`` as long as a message may be: so many characters, so many lines, and a word where it was cut."""
    lines = text[: _LONGEST_MESSAGE + 1].split("\n")
    kept = "\n".join(lines[:_LONGEST_LINES])[:_LONGEST_MESSAGE].rstrip()
    return kept if len(kept) >= len(text.rstrip()) else f"{kept}\n[cut: {len(text):,} characters in all]"


def many(number: int, one: str, more: str = "") -> str:
    """``1 answer``, ``1,200 answers``, ``no answers``."""
    return f"{number or 'no':{',' if number else ''}} {one if number == 1 else more or f'{one}s'}"


def clock(seconds: float) -> str:
    """``0.42 s``, ``12.5 s``, ``3 min 20 s``."""
    if seconds < 100:
        return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"
    return f"{round(seconds) // 60:,} min {round(seconds) % 60} s"


def moment(text: str) -> str:
    """``2026-05-03, 16:20 UTC``, of a time in ISO 8601 (in UTC unless it says another); other texts shortened."""
    try:
        at = datetime.fromisoformat(text)
        at = at.astimezone(UTC) if at.tzinfo else at
    except (ValueError, OverflowError):
        return brief(text, 40)
    return f"{at:%Y-%m-%d, %H:%M} UTC"


def segments(counts: Mapping[Level, int]) -> Iterator[tuple[Level, float, float]]:
    """The counts as parts of a bar that is 100 wide: level, left edge, width."""
    whole, at = sum(counts.values()) or 1, 0.0
    for level, count in counts.items():
        if count:
            yield level, round(at, 2), round(100 * count / whole, 2)
            at += 100 * count / whole


def _answers(report: CohortReport, learner: LearnerFacts) -> list[Answer]:
    """What there is to say about a learner's answers, within the room that each learner has."""
    room = max(_LEAST_ROOM, min(_MOST_ROOM, _ROOM // max(len(report.submissions), 1)))
    answers = []
    for cell in learner.cells:
        if cell.result is None or cell.is_plain:
            continue
        graded = cell.result.report
        said = [cell.result.late, reason_of(graded) or f"{graded.problem} {graded.remedy}".strip(), *graded.notes[:5]]
        tasks = []
        for task in graded.tasks:
            tasks.append(_task(task, room))
            room -= sum(len(told.message) for told in tasks[-1].told)
        beliefs = report.exercises[cell.exercise].beliefs
        held = [beliefs.get(name, name) for name in cell.result.misconceptions]
        answers.append(Answer(cell, tasks, [text for text in said if text], held))
    return answers


def _task(task: TaskResult, room: int) -> TaskView:
    earned = "–" if task.outcome == "ungraded" else task.earned
    points = "given" if task.given else f"{earned} of {task.points}"
    failing = [test for test in task.tests if test.outcome != "passed"]
    told: list[Told] = []
    for test in failing[:_TESTS]:
        message = cut(test.message)
        room -= len(message)
        if room < 0:
            break
        told.append(Told(test.title or test.id, message))
    return TaskView(task.title, task.outcome, points, told, len(failing) - len(told))
