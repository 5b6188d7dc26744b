"""Commands that open something: a lesson in Jupyter, a file in the editor."""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from prodev.cli.here import Here
from prodev.course import Exercise, Lesson
from prodev.errors import ProDevError
from prodev.show.console import line, make_console
from prodev.show.text import near
from prodev.workspace.desk import files_to_edit
from prodev.workspace.notebooks import place_copy, set_aside
from prodev.workspace.route import next_step


def open_lesson(name: str | None, *, fresh: bool = False) -> int:
    """Copy a lesson into the workspace and open the copy; without a terminal, say how to."""
    here, console = Here(), make_console()
    lesson = here.course.lesson(name) if name else _next_lesson(here)
    copy = here.workspace.notebook(lesson)
    if fresh and copy.exists():
        console.print(line("Your copy is kept as ", (near(set_aside(copy)), "todo"), "."))
    placed = place_copy(here.workspace, lesson)
    console.print(line((lesson.title, "strong"), "  ", (near(placed.path), "todo")))
    if placed.state == "kept":
        console.print(
            line("The course has a newer version; your copy has changes of yours and stays. For the newer one: "),
            line((f"prodev lesson {lesson.slug} --fresh", "todo")),
        )
    command = jupyter(here.workspace.root, placed.path)
    if not sys.stdout.isatty() or not sys.stdin.isatty():
        console.print(line("Open it with: ", (shlex.join(command), "todo")), soft_wrap=True)
        return 0
    if importlib.util.find_spec("jupyterlab") is None:
        raise ProDevError("JupyterLab is not installed.", remedy="make learn, or open that file in your editor")
    console.print(line(("It opens in your browser. Ctrl-C here ends it.", "faint")))
    return wait_for(command)


def jupyter(root: Path, notebook: Path) -> list[str]:
    """The command that opens ``notebook`` in JupyterLab, with the whole workspace in its file list."""
    return [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}", str(notebook)]


def wait_for(command: list[str]) -> int:
    """Run a program in the foreground; Ctrl-C is for it, and its end is ours."""
    with subprocess.Popen(command) as program:
        while True:
            try:
                return 0 if program.wait() in (0, -2, 130) else 2
            except KeyboardInterrupt:
                continue  # the terminal sent it to the program as well, which now closes


def open_editor(name: str | None) -> int:
    """Open the files to edit; without an editor or a terminal, print where they are."""
    here = Here()
    files = files_to_edit(here.workspace, here.exercise(name))
    editor = find_editor()
    if editor is None or not sys.stdout.isatty():
        for path in files:
            print(path)  # noqa: T201 - a plain path, for a shell to take
        return 0
    return wait_for([*editor, *map(str, files)])


def find_editor() -> list[str] | None:
    """The learner's editor: VISUAL, EDITOR, or VS Code where it is installed."""
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR") or shutil.which("code")
    command = shlex.split(named) if named else []
    return command if command and shutil.which(command[0]) else None


def _next_lesson(here: Here) -> Lesson:
    step = next_step(here.course, here.progress)
    if step is not None and isinstance(step.item, Lesson):
        return step.item
    if step is not None and isinstance(step.item, Exercise) and step.item.lesson is not None:
        return here.course.lesson(step.item.lesson)
    raise ProDevError("Which lesson?", remedy="prodev list")
