"""How far it is: a bar on a terminal, a few lines anywhere else."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from prodev.cohort.grade import Step
from prodev.show.cohort_progress import LINES, CohortProgress


def progress(total: int, *, known: int = 0, seconds: float = 10.0) -> list[str]:
    """The lines that are shown without a terminal while each answer takes ``seconds``."""
    now = [0.0]
    console = Console(file=StringIO(), width=100, force_terminal=False)
    with CohortProgress(console, clock=lambda: now[0]) as tell:
        for done in range(total - known + 1):
            tell(Step("grading", total, known=known, done=done))
            now[0] += seconds
    assert isinstance(console.file, StringIO)
    return console.file.getvalue().splitlines()


def test_progress_without_a_terminal_is_a_few_lines_with_an_estimate() -> None:
    lines = progress(2000)

    assert len(lines) == 1 + LINES
    assert lines[0] == "Grading 2000 answers"
    assert lines[1] == "200 of 2000, about 300 min left"
    assert lines[-1] == "2000 of 2000"


@pytest.mark.parametrize(("total", "lines"), [(0, 1), (1, 2), (3, 2)])
def test_a_short_run_says_little(total: int, lines: int) -> None:
    assert len(progress(total, seconds=0.001)) == lines


def test_what_is_known_is_not_counted_as_work() -> None:
    assert progress(10, known=8) == ["Grading 2 of 10 answers; the rest is known", "1 of 2, about 10 s left", "2 of 2"]


def test_a_bar_leaves_nothing_behind_but_what_was_said() -> None:
    console = Console(file=StringIO(), width=100, force_terminal=True)

    with CohortProgress(console) as tell:
        for done in range(4):
            tell(Step("intake", 3, done=done))
            tell(Step("grading", 3, done=done))

    assert isinstance(console.file, StringIO)
    assert "3/3" in console.file.getvalue()
