"""The progress table in the workspace's README, kept between two markers."""

from __future__ import annotations

import contextlib

from prodev.course import Course, CourseError
from prodev.workspace.place import Workspace
from prodev.workspace.progress import Progress, write_whole

BEGIN, END = "<!-- progress: written by prodev -->", "<!-- end of progress -->"
_SQUARES = 10


def progress_table(course: Course, progress: Progress) -> str:
    """A Markdown table: for each module the exercises passed and the points earned."""
    rows = ["| Module | Progress | Exercises | Points |", "| --- | --- | ---: | ---: |"]
    for module in course.modules:
        exercises = module.exercises
        passed = sum(progress.has_passed(exercise.slug) for exercise in exercises)
        points = sum(exercise.points for exercise in exercises)
        earned = sum(progress.exercises[e.slug].earned for e in exercises if e.slug in progress.exercises)
        done = earned / points if points else passed / max(len(exercises), 1)
        filled = int(_SQUARES * done)
        bar = "█" * filled + "░" * (_SQUARES - filled)
        cells = [f"{module.number:02d} {module.title}", bar, f"{passed}/{len(exercises)}"]
        rows.append(f"| {' | '.join([*cells, f'{earned}/{points}' if points else ''])} |")
    return "\n".join(rows)


def refresh(workspace: Workspace, course: Course, progress: Progress) -> bool:
    """Write the table between the markers, and say whether it changed.

    A README without them is the learner's alone. A course that cannot be read leaves the table
    as it is: that must not cost the pass which is being recorded, and every other command says so.
    """
    path = workspace.root / "README.md"
    with contextlib.suppress(OSError, UnicodeDecodeError, CourseError):
        text = path.read_text(encoding="utf-8")
        before, begin, rest = text.partition(BEGIN)
        _, end, after = rest.partition(END)
        renewed = f"{before}{BEGIN}\n\n{progress_table(course, progress)}\n\n{END}{after}"
        if begin and end and renewed != text:
            write_whole(path, renewed.encode())
            return True
    return False
