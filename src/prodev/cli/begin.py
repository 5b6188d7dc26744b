"""Commands that find the way: the dashboard, the list, a workspace, the next step, the start of an exercise."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from rich.console import Group
from rich.text import Text

from prodev import __version__
from prodev.cli.here import Here
from prodev.course import Course, Exercise, Lesson
from prodev.errors import ProDevError
from prodev.show.boards import course_list, dashboard
from prodev.show.brief import brief_page
from prodev.show.console import line, make_console
from prodev.show.text import near
from prodev.workspace import NoWorkspace, locate
from prodev.workspace.create import create
from prodev.workspace.desk import files_to_edit, lay_out
from prodev.workspace.progress import Progress
from prodev.workspace.record import record_start
from prodev.workspace.route import missing, next_exercise, next_step
from prodev.workspace.settings import bring_settings


def show_dashboard() -> int:
    """The modules, and what is next and why."""
    here, console = Here(), make_console()
    progress = _progress_or_none(here)
    step = next_step(here.course, progress or Progress())
    console.print(dashboard(here.course, progress or Progress(), step))
    if progress is None:
        console.print(line("\nYou have no workspace yet. Make it first: ", ("prodev init", "todo")))
    elif here.workspace.edition not in ("", __version__):
        made = f"Your workspace was made with edition {here.workspace.edition}, and this is {__version__}."
        console.print(line(f"\n{made} What changed is in CHANGELOG.md of the course."))
    return 0


def show_list(module: str | None) -> int:
    """Lessons and exercises, all or one module's."""
    here = Here()
    modules = [here.course.module(module)] if module else here.course.modules
    make_console().print(course_list(modules, _progress_or_none(here) or Progress()))
    return 0


def init_workspace(folder: Path | None = None, *, upstream: str | None = None) -> int:
    """Make the workspace, say where it is and what is left to do by hand."""
    course, console = Course.here(), make_console()
    root = folder.expanduser().absolute() if folder else course.root / "workspace"
    created = create(root, course, upstream=upstream)
    end = "." if created.is_new else ", and it stays as it is."
    console.print(line("Your workspace is ", (f"{near(root)}/", "todo"), end))
    for note in created.notes:
        console.print(line(note))
    console.print(line("Go on with: ", ("prodev next", "todo")))
    return 0


def start_exercise(name: str | None = None) -> int:
    """Place the starter's files, show the brief, say what to type."""
    here, console = Here(), make_console()
    exercise = locate(here.workspace, here.course, name, start=here.folder) if name else _next_exercise(here)
    placed = lay_out(here.workspace, exercise)
    settings = bring_settings(here.workspace, here.course, exercise)
    progress = record_start(here.workspace, exercise)
    console.print(brief_page(exercise))
    if not placed:
        console.print(line(("You had started it: your files are as you left them.", "faint")))
    for name in settings:
        console.print(line(("new   ", "faint"), (near(here.workspace.root / name), "todo"), "  is yours from here on"))
    for slug in missing(exercise, progress):
        console.print(line(("Note  ", "unsure"), f"It builds on '{slug}', which you have not passed yet."))
    for path in files_to_edit(here.workspace, exercise):
        console.print(line(("edit  ", "faint"), (near(path), "todo")))
    console.print(line(("run   ", "faint"), (f"prodev run {exercise.slug}", "todo")))
    console.print(
        line(("watch ", "faint"), (f"prodev watch {exercise.slug}", "todo"), ("  runs at every save", "faint"))
    )
    return 0


def go_next() -> int:
    """Where you stand and what is next; in a terminal, go there, making the workspace first if there is none."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return show_dashboard()
    try:
        Here().workspace  # noqa: B018 - only whether there is one
    except NoWorkspace:
        init_workspace()
    while _go(Here()):
        pass
    return 0


def _go(here: Here) -> bool:
    """Show the next step, ask, and take it; say whether to come back for the one after it."""
    console = make_console()
    step = next_step(here.course, here.progress)
    console.print(Group(Text(), dashboard(here.course, here.progress, step), Text(), _how_to_come_back()))
    if step is None:
        return False
    is_lesson = isinstance(step.item, Lesson)
    question = "opens the lesson, e goes on to the exercise" if is_lesson else "starts it and watches your saves"
    answer = _ask(f"Enter {question}, q leaves: ")
    if answer == "" and is_lesson:
        from prodev.cli.reading import open_lesson

        return open_lesson(step.item.slug) == 0
    if answer == "" or (answer == "e" and is_lesson):
        from prodev.cli.watch import watch_exercise

        start_exercise(None if is_lesson else step.item.slug)
        if _ask("Enter watches your saves, q leaves: ") == "":
            watch_exercise(None)
    return False


def _ask(question: str) -> str:
    try:
        return input(question).strip().lower()
    except (EOFError, KeyboardInterrupt):
        print()  # noqa: T201 - the line that was not ended
        return "q"


def _how_to_come_back() -> Text:
    """What to type in a new terminal, where the command is not known yet."""
    if shutil.which("prodev"):
        return line(("Back here at any time: ", "faint"), ("prodev next", "todo"))
    activate = near(Path(sys.executable).parent / "activate")
    return line(("In a new terminal, first: ", "faint"), (f"source {activate}", "todo"))


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
