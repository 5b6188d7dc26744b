"""Write a run into the learner's record."""

from __future__ import annotations

from prodev.course import Course, Exercise
from prodev.grading import Report
from prodev.workspace.place import Workspace
from prodev.workspace.progress import Progress, now
from prodev.workspace.readme import refresh


def record_run(workspace: Workspace, course: Course, exercise: Exercise, report: Report) -> Progress:
    """Note how ``report`` went: a pass stays a pass, points are the best so far.

    Raises NotRecorded when the disk refuses. A run that could not be graded changes no task.
    """
    with workspace.progress.change() as progress:
        attempt = progress.attempt(exercise.slug)
        attempt.runs += 1
        progress.current = exercise.slug
        if report.outcome != "ungraded":
            attempt.tasks = {task.id: task.outcome for task in report.tasks}
            attempt.earned = max(attempt.earned, report.earned)
        if report.outcome == "passed" and not attempt.passed:
            attempt.passed = now()
            refresh(workspace, course, progress)
    return progress


def record_start(workspace: Workspace, exercise: Exercise) -> Progress:
    """Note that the learner works on ``exercise`` now. Raises NotRecorded when the disk refuses."""
    with workspace.progress.change() as progress:
        attempt = progress.attempt(exercise.slug)
        attempt.started = attempt.started or now()
        progress.current = exercise.slug
    return progress
