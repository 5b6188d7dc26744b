"""Commands on an answer: run it, get help, see how it compares."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Literal

from prodev.cli.here import Here
from prodev.course import Exercise
from prodev.errors import ProDevError
from prodev.grading import Report
from prodev.grading.grader import Grader

if TYPE_CHECKING:
    from rich.console import Console

    from prodev.show.report import Shown

Form = Literal["text", "json", "markdown"]
EXIT_CODES = {"passed": 0, "failed": 1, "ungraded": 3}


def run_exercise(name: str | None = None, *, seed: int | None = None, form: Form = "text") -> int:
    """Grade the learner's folder, record it, show it."""
    here = Here()
    exercise = here.exercise(name)
    try:
        with Grader(exercise, warm=False) as grader:
            threading.Thread(target=_import_ahead, daemon=True).start()
            report = grader.grade(here.workspace.folder(exercise), seed=seed)
            problem = _record(here, exercise, report)
            _print(here, exercise, report, problem, form=form)
    except KeyboardInterrupt:
        print("Stopped before the end: this run does not count.", file=sys.stderr)  # noqa: T201
        return 130
    return EXIT_CODES[report.outcome]


def _import_ahead() -> None:
    """Load what is needed after the verdict while the judge is at work on the other core."""
    import prodev.show.report
    import prodev.workspace.desk
    import prodev.workspace.help
    import prodev.workspace.record

    del prodev


def _record(here: Here, exercise: Exercise, report: Report) -> str:
    """Write the run down; a sentence when that is not possible, which is no reason to hide the grade."""
    from prodev.workspace.record import record_run

    try:
        record_run(here.workspace, here.course, exercise, report)
    except ProDevError as error:
        return str(error)
    return ""


def _print(here: Here, exercise: Exercise, report: Report, problem: str, *, form: Form) -> None:
    if form == "text":
        _show(here, exercise, report, problem)
        return
    if form == "json":
        from prodev.grading.report import report_json

        print(report_json(report).decode())  # noqa: T201
    else:
        from prodev.show.markdown import report_markdown

        print(report_markdown(report), end="")  # noqa: T201
    if problem:
        print(problem, file=sys.stderr)  # noqa: T201


def _show(here: Here, exercise: Exercise, report: Report, problem: str) -> None:
    from prodev.show.console import make_console
    from prodev.show.report import report_block

    console = make_console()
    console.print(report_block(report, shown_with(here, exercise, report, problem)))
    if report.outcome == "passed":
        console.print(f"  Why it is written so: prodev solution {exercise.slug}\n")
        _show_next(here, console)


def shown_with(here: Here, exercise: Exercise, report: Report, problem: str = "") -> Shown:
    """What to show beside a report."""
    from prodev.show.report import Shown
    from prodev.workspace.desk import changes_left_out, files_to_edit, is_untouched

    return Shown(
        title=exercise.title,
        files=tuple(files_to_edit(here.workspace, exercise)),
        untouched=report.outcome == "failed" and is_untouched(here.workspace, exercise),
        left_out=tuple(changes_left_out(here.workspace, exercise)),
        hints_left=_hints_left(here, exercise, report),
        problems=tuple(problem.splitlines()),
    )


def _hints_left(here: Here, exercise: Exercise, report: Report) -> int:
    from prodev.workspace.help import hints_left

    failing = report.first_failing_task
    try:
        attempt = here.progress.exercises.get(exercise.slug)
    except ProDevError:
        attempt = None
    return hints_left(exercise, exercise.task(failing.id), attempt) if failing else 0


def _show_next(here: Here, console: Console) -> None:
    """The next step; a course whose data is broken is a remark here, not a failure."""
    from prodev.show.boards import step_block
    from prodev.show.console import line
    from prodev.workspace.route import next_step

    try:
        console.print(step_block(next_step(here.course, here.progress)))
    except ProDevError as error:
        console.print(line(("Note  ", "unsure"), str(error)))
