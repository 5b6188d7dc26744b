"""Commands that help: a hint, the solution, how an answer differs, a fresh start."""

from __future__ import annotations

from prodev.cli.here import Here
from prodev.errors import ProDevError
from prodev.show.brief import diff_block, hint_block, solution_page
from prodev.show.console import line, make_console
from prodev.show.text import counted, near
from prodev.workspace.desk import clear, compare
from prodev.workspace.help import ask_for_solution, hints_left, next_hint


def show_hint(name: str | None) -> int:
    """One more hint for the task at hand."""
    here, console = Here(), make_console()
    exercise = here.exercise(name)
    hints = next_hint(here.workspace, exercise)
    console.print(hint_block(hints))
    if not hints.left:
        console.print(line(("The solution, if you are stuck: ", "faint"), (f"prodev solution {exercise.slug}", "todo")))
    return 0


def show_solution(name: str | None) -> int:
    """The reference and the reasons for it; before the pass only at the second asking."""
    here, console = Here(), make_console()
    exercise = here.exercise(name)
    if ask_for_solution(here.workspace, exercise):
        console.print(solution_page(exercise))
        return 0
    left = hints_left(exercise, None, here.progress.exercises.get(exercise.slug))
    console.print(line(("You have not passed it yet. ", "strong"), f"You have {counted(left, 'hint')} left: "))
    console.print(line("  ", (f"prodev hint {exercise.slug}", "todo")))
    console.print(line("To see the solution all the same, ask once more:"))
    console.print(line("  ", (f"prodev solution {exercise.slug}", "todo")))
    return 1


def show_diff(name: str | None, *, solution: bool) -> int:
    """How the learner's files differ from the starter, or, after the pass, from the reference."""
    here, console = Here(), make_console()
    exercise = here.exercise(name)
    if solution and not _may_see_solution(here, exercise.slug):
        raise ProDevError(
            "The comparison with the solution is for after the pass.", remedy=f"prodev run {exercise.slug}"
        )
    base, label = (exercise.reference, "solution") if solution else (exercise.starter, "starter")
    changes = compare(exercise, here.workspace.folder(exercise), base, label=label)
    said = diff_block(changes) if changes else line(f"Your files are the {label}'s, line for line.")
    console.print(said, soft_wrap=True)  # a diff that is wrapped is no patch any more
    return 0


def reset_exercise(name: str | None) -> int:
    """Lay the starter out again; what the learner had goes aside."""
    here, console = Here(), make_console()
    exercise = here.exercise(name)
    aside = clear(here.workspace, exercise)
    if aside is None:
        console.print(line("Nothing to reset: your files are the starter's."))
        return 0
    console.print(line("The starter is back. What you had is in ", (near(aside), "todo"), "."))
    return 0


def _may_see_solution(here: Here, slug: str) -> bool:
    attempt = here.progress.exercises.get(slug)
    return attempt is not None and bool(attempt.passed or attempt.solution_opened)
