"""Commands that find the way: the dashboard, the list, a workspace, the next step, the start of an exercise."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console

from prodev.cli.here import Here
from prodev.course import Course, Exercise
from prodev.errors import ProDevError
from prodev.show.boards import course_list, dashboard, step_block
from prodev.show.brief import brief_page
from prodev.show.console import line, make_console
from prodev.show.text import near
from prodev.workspace import NoWorkspace
from prodev.workspace.create import create
from prodev.workspace.desk import files_to_edit, lay_out
from prodev.workspace.progress import Progress
from prodev.workspace.record import record_start
from prodev.workspace.route import missing, next_exercise, next_step


def show_dashboard() -> int:
    """The modules, and what is next and why."""
    here, console = Here(), make_console()
    progress = _progress_or_none(here)
    step = next_step(here.course, progress or Progress())
    console.print(dashboard(here.course, progress or Progress(), step))
    if progress is None:
        console.print(line("\nYou have no workspace yet. Make it first: ", ("prodev init", "todo")))
    return 0


def show_list(module: str | None) -> int:
    """Lessons and exercises, all or one module's."""
    here = Here()
    modules = [here.course.module(module)] if module else here.course.modules
    make_console().print(course_list(modules, _progress_or_none(here) or Progress()))
    return 0


def init_workspace(folder: Path | None, *, upstream: str | None) -> int:
    """Make the workspace and say what is in it."""
    course, console = Course.here(), make_console()
    root = folder.expanduser().absolute() if folder else course.root / "workspace"
    created = create(root, course, upstream=upstream)
    console.print(
        line(
            ("Your workspace is ", "none"), (near(root), "todo"), "." if created.is_new else ", and it stays as it is."
        )
    )
    for note in created.notes:
        console.print(line(note))
    console.print(line("Go on with: ", ("prodev next", "todo")))
    return 0


def start_exercise(name: str | None) -> int:
    """Place the starter's files, show the brief, say what to type."""
    here, console = Here(), make_console()
    exercise = here.course.exercise(name) if name else _next_exercise(here)
    if name and (there := here.workspace.exercise_at((here.folder / name).resolve(), here.course)):
        exercise = there
    placed = lay_out(here.workspace, exercise)
    progress = record_start(here.workspace, exercise)
    console.print(brief_page(exercise))
    if not placed:
        console.print(line(("You had started it: your files are as you left them.", "faint")))
    for slug in missing(exercise, progress):
        console.print(line(("Note  ", "unsure"), f"It builds on '{slug}', which you have not passed yet."))
    for path in files_to_edit(here.workspace, exercise):
        console.print(line(("edit  ", "faint"), (near(path), "todo")))
    console.print(line(("run   ", "faint"), (f"prodev run {exercise.slug}", "todo")))
    console.print(
        line(("watch ", "faint"), (f"prodev watch {exercise.slug}", "todo"), ("  runs at every save", "faint"))
    )
    return 0


def show_next(here: Here, console: Console) -> None:
    """The next step; a course whose data is broken is a remark here, not a failure."""
    try:
        console.print(step_block(next_step(here.course, here.progress)))
    except ProDevError as error:
        console.print(line(("Note  ", "unsure"), str(error)))


def go_next() -> int:
    """Where you stand and what is next; makes the workspace when there is none yet."""
    here, console = Here(), make_console()
    try:
        here.workspace  # noqa: B018
    except NoWorkspace:
        if not sys.stdin.isatty():
            return show_dashboard()
        init_workspace(None, upstream=None)
        here = Here()
    console.print(dashboard(here.course, here.progress, next_step(here.course, here.progress)))
    return 0


def _next_exercise(here: Here) -> Exercise:
    exercise = next_exercise(here.course, here.progress)
    if exercise is None:
        raise ProDevError("Every exercise is passed: nothing is left to start.", remedy="prodev list")
    return exercise


def _progress_or_none(here: Here) -> Progress | None:
    try:
        return here.progress
    except NoWorkspace:
        return None
