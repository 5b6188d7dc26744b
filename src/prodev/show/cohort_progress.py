"""How far the grading of a cohort is: a bar on a terminal, a few lines anywhere else."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from prodev.cohort.grade import Step
from prodev.show.console import line
from prodev.show.text import counted

LINES = 10
"""Lines at most for one stage where there is no terminal, however many steps it has."""

SECONDS = 5.0
"""Between two of them at least."""

_DOING = {"intake": "Opening", "grading": "Grading"}
_NOUNS = {"intake": "submission", "grading": "answer"}


class CohortProgress:
    """Told of every step; a context manager. ``clock`` is in seconds."""

    def __init__(self, console: Console, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._stage = ""
        self._began = 0.0
        self._share = 0
        self._said = 0.0
        self._bar: Progress | None = None
        self._task = TaskID(0)
        if console.is_terminal:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self._bar = Progress(*columns, console=console, transient=True)

    def __enter__(self) -> CohortProgress:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, step: Step) -> None:
        """Show how far it is."""
        work = step.total - step.known
        if step.stage != self._stage:
            self._begin(step, work)
        if self._bar is not None:
            self._bar.update(self._task, completed=step.done)
        elif step.done and self._is_worth_a_line(step.done * LINES // work):
            self._say(f"{step.done} of {work}{self._left(step.done, work)}")

    def _begin(self, step: Step, work: int) -> None:
        self._stage, self._began, self._share = step.stage, self._clock(), 0
        if self._bar is not None:
            self._task = self._bar.add_task(_DOING[step.stage], total=work)
        many = counted(step.total, _NOUNS[step.stage])
        self._say(f"{_DOING[step.stage]} {f'{work} of {many}; the rest is known' if step.known else many}")

    def _is_worth_a_line(self, share: int) -> bool:
        """Whether another ``share`` of LINES is done, and it was quiet for a while, or this is the end."""
        is_more = share > self._share and (share == LINES or self._clock() - self._said >= SECONDS)
        self._share = share if is_more else self._share
        return is_more

    def _left(self, done: int, work: int) -> str:
        if done == work:
            return ""
        seconds = (self._clock() - self._began) / done * (work - done)
        return f", about {seconds / 60:.0f} min left" if seconds >= 90 else f", about {seconds:.0f} s left"

    def _say(self, text: str) -> None:
        self._said = self._clock()
        self._console.print(line(text))
