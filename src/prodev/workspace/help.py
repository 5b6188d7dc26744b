"""Help, a step at a time: hints by task, then the solution."""

from __future__ import annotations

import dataclasses

from prodev.course import Exercise, Task
from prodev.errors import ProDevError
from prodev.workspace.place import Workspace
from prodev.workspace.progress import Attempt, now


@dataclasses.dataclass(frozen=True)
class Hints:
    """The hints of one task that are shown by now, the newest last, and how many are left."""

    task: Task
    shown: tuple[str, ...]
    left: int
    is_new: bool


def task_at_hand(exercise: Exercise, attempt: Attempt | None) -> Task | None:
    """The first task that did not pass in the last run; None when all did."""
    outcomes = attempt.tasks if attempt else {}
    waiting = [task for task in exercise.tasks if outcomes.get(task.id, "passed" if task.given else "") != "passed"]
    return waiting[0] if waiting else None


def hints_left(exercise: Exercise, task: Task | None, attempt: Attempt | None) -> int:
    """How many hints of ``task`` were not shown yet; of all tasks without one."""
    shown = attempt.hints if attempt else {}
    tasks = [task] if task else exercise.tasks
    return sum(max(0, len(task.hints) - shown.get(task.id, 0)) for task in tasks)


def next_hint(workspace: Workspace, exercise: Exercise) -> Hints:
    """Show one more hint for the task at hand, and note it.

    Raises ProDevError when every task is passed or the task has no hints.
    """
    with workspace.progress.change() as progress:
        attempt = progress.attempt(exercise.slug)
        task = task_at_hand(exercise, attempt)
        if task is None:
            raise ProDevError(
                "Every task passed in your last run: there is nothing to hint at.",
                remedy=f"prodev solution {exercise.slug}",
            )
        if not task.hints:
            raise ProDevError(
                f"'{task.title}' has no hints: the message of the failing test is all there is to say.",
                remedy=f"prodev run {exercise.slug}",
            )
        before = attempt.hints.get(task.id, 0)
        number = min(before + 1, len(task.hints))
        attempt.hints[task.id] = number
    return Hints(task, task.hints[:number], len(task.hints) - number, is_new=before < number)


def ask_for_solution(workspace: Workspace, exercise: Exercise) -> bool:
    """Note the wish, and say whether the solution may be shown: after the pass, or at the second asking."""
    with workspace.progress.change() as progress:
        attempt = progress.attempt(exercise.slug)
        granted = bool(attempt.passed or attempt.solution_asked)
        attempt.solution_asked = attempt.solution_asked or now()
        if granted:
            attempt.solution_opened = attempt.solution_opened or now()
    return granted
