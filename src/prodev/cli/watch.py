"""``prodev watch``: one screen and five keys in a terminal, one line for each save without one."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import queue
import shutil
import sys
import time
from collections.abc import Callable
from typing import NoReturn

from rich.console import RenderableType

from prodev.cli.answer import shown_with
from prodev.cli.here import Here
from prodev.cli.keyboard import Keyboard
from prodev.cli.reading import open_lesson
from prodev.course import Exercise, Lesson
from prodev.errors import ProDevError
from prodev.grading import Report
from prodev.show.brief import brief_page, solution_page
from prodev.show.console import make_console
from prodev.show.screen import Screen, draw, save_line
from prodev.workspace.desk import files_to_edit, lay_out
from prodev.workspace.help import ask_for_solution, hints_left, next_hint, task_at_hand
from prodev.workspace.record import record_run, record_start
from prodev.workspace.route import next_exercise, next_step
from prodev.workspace.settings import bring_settings
from prodev.workspace.vigil import Broken, Event, Graded, Running, Vigil


def watch_exercise(name: str | None) -> int:
    """Watch until q, Ctrl-C or the end of the terminal."""
    here = Here()
    exercise = here.exercise(name)
    files_to_edit(here.workspace, exercise)  # a course that cannot be read is told before anything starts
    with contextlib.suppress(KeyboardInterrupt):
        if not sys.stdin.isatty() or not sys.stdout.isatty():
            _watch_plainly(here, exercise)
        with Keyboard() as keyboard:
            following: Exercise | None = exercise
            while following is not None:
                following = _Watch(here, following, keyboard).follow()
    return 0


def _watch_plainly(here: Here, exercise: Exercise) -> NoReturn:
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    print(f"Watching {here.workspace.folder(exercise)}. Ctrl-C ends it.", flush=True)  # noqa: T201
    with Vigil(here.workspace, exercise, events.put):
        while True:
            event = events.get()
            at = time.strftime("%H:%M:%S")
            if isinstance(event, Graded):
                print(save_line(event.report, at), flush=True)  # noqa: T201
                problem = _record(here, exercise, event.report)
                if problem:
                    print(problem, flush=True)  # noqa: T201
            elif isinstance(event, Broken):
                print(f"{at}  {event.reason}", flush=True)  # noqa: T201


def _record(here: Here, exercise: Exercise, report: Report) -> str:
    try:
        record_run(here.workspace, here.course, exercise, report)
    except ProDevError as error:
        return str(error)
    return ""


class _Watch:
    """One exercise on the screen, until the learner leaves it."""

    def __init__(self, here: Here, exercise: Exercise, keyboard: Keyboard) -> None:
        self._here = here
        self._exercise = exercise
        self._keyboard = keyboard
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._screen = Screen(exercise, files_to_edit(here.workspace, exercise))
        self._again = False
        self._goes_to: Exercise | None = None

    def follow(self) -> Exercise | None:
        """Watch this exercise; return the one to go on with, or None to quit."""
        with Vigil(self._here.workspace, self._exercise, self._tell) as vigil:
            keys = {
                "n": self._next,
                "h": self._hint,
                "s": self._solution,
                "l": self._lesson,
                "b": self._brief,
                "r": vigil.run_again,
                "\n": vigil.run_again,
            }
            self._count_hints()
            last = None
            while True:
                self._draw()
                key = self._keyboard.wait()
                while not self._events.empty():
                    self._take(self._events.get())
                if key == "q":
                    return None
                if key is not None:
                    self._again, last = key == last, key
                    self._screen.said = ""
                    self._press(keys.get(key))
                if self._goes_to is not None:
                    return self._goes_to

    def _tell(self, event: Event) -> None:
        self._events.put(event)
        self._keyboard.wake()

    def _draw(self) -> None:
        sys.stdout.write(draw(make_console(), self._screen))
        sys.stdout.flush()

    def _take(self, event: Event) -> None:
        self._screen.running = isinstance(event, Running)
        self._screen.said = ""
        if isinstance(event, Broken):
            self._screen.broken = event.reason
        if isinstance(event, Graded):
            self._show(event.report)

    def _show(self, report: Report) -> None:
        """Put the report on the screen first, and write it down after that."""
        screen = self._screen
        screen.report, screen.hints, screen.broken, screen.passed = report, None, "", False
        screen.shown = dataclasses.replace(shown_with(self._here, self._exercise, report), watched=True)
        self._draw()
        screen.said = _record(self._here, self._exercise, report)
        self._count_hints()
        if report.outcome == "passed":
            screen.passed = True
            with contextlib.suppress(ProDevError):  # a course that cannot be read: n says so
                screen.next = next_step(self._here.course, self._here.progress)

    def _count_hints(self) -> None:
        with contextlib.suppress(ProDevError):  # progress that cannot be read: every run says so
            attempt = self._here.progress.exercises.get(self._exercise.slug)
            task = task_at_hand(self._exercise, attempt)
            self._screen.hints_left = hints_left(self._exercise, task, attempt) if task else 0

    def _press(self, action: Callable[[], None] | None) -> None:
        if action is not None:
            try:
                action()
            except ProDevError as error:
                self._screen.said = str(error)

    def _next(self) -> None:
        course, progress = self._here.course, self._here.progress
        if not progress.has_passed(self._exercise.slug):
            if not self._again:
                self._screen.said = "Not passed yet. n once more goes on without it."
                return
            target = next_exercise(course, progress, after=self._exercise)
        else:
            step = next_step(course, progress)
            if step is not None and isinstance(step.item, Lesson) and not self._again:
                self._screen.said = f"First the lesson '{step.item.title}': l opens it, n once more skips it."
                return
            target = next_exercise(course, progress)
        if target is None:
            self._screen.said = "There is no other exercise to go to. q quits."
            return
        lay_out(self._here.workspace, target)
        bring_settings(self._here.workspace, course, target)
        record_start(self._here.workspace, target)
        self._goes_to = target

    def _hint(self) -> None:
        self._screen.hints = next_hint(self._here.workspace, self._exercise)
        self._count_hints()

    def _solution(self) -> None:
        if ask_for_solution(self._here.workspace, self._exercise):
            with self._keyboard.lent():
                show_in_pager(solution_page(self._exercise))
        else:
            self._screen.said = "You have not passed it yet. s once more shows the solution all the same."

    def _brief(self) -> None:
        with self._keyboard.lent():
            show_in_pager(brief_page(self._exercise))

    def _lesson(self) -> None:
        step = next_step(self._here.course, self._here.progress)
        is_next = self._screen.passed and step is not None and isinstance(step.item, Lesson)
        slug = step.item.slug if is_next and step is not None else self._exercise.lesson
        if slug is None:
            raise ProDevError("This exercise rests on no lesson.")
        with self._keyboard.lent():
            open_lesson(slug)


def show_in_pager(content: RenderableType) -> None:
    """Show something longer than the screen, page by page."""
    console = make_console()
    if shutil.which("less") is None:
        console.print(content)
        input("Enter goes back. ")
        return
    os.environ.setdefault("LESS", "-R")
    with console.pager(styles=not console.no_color):
        console.print(content)
