"""What the learner has and what comes next: the dashboard, the list, the next step."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from prodev.course import Course, Exercise, Lesson, Module
from prodev.show.console import line, mark
from prodev.show.text import counted
from prodev.workspace.progress import Progress
from prodev.workspace.route import Step, missing

_BAR = 12


def dashboard(course: Course, progress: Progress, step: Step | None) -> RenderableType:
    """The modules with their bars, then the next step."""
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", no_wrap=True)
    table.add_column()  # the one that gives way on a narrow terminal
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    for module in course.modules:
        table.add_row(*_module_row(module, progress))
    return Group(table, Text(), step_block(step))


def step_block(step: Step | None, *, keys: bool = False) -> RenderableType:
    """What to do now, why, and the command for it; or the key, on a screen that has ``keys``."""
    if step is None:
        return line(mark("passed"), (" Every exercise is passed. Well done.", "good"))
    is_lesson = isinstance(step.item, Lesson)
    minutes = "" if is_lesson else f", about {step.item.minutes} minutes"  # type: ignore[union-attr]
    how = f"prodev {'lesson' if is_lesson else 'start'} {step.item.slug}"
    if keys:
        how = "l opens it, n twice goes on to the exercise" if is_lesson else "n goes there"
    kind = "lesson" if is_lesson else "exercise"
    return Group(
        line(("Next ", "faint"), (step.item.title, "strong")),
        line("     ", (f"{kind} of {step.module.title}{minutes}", "faint")),
        line("     ", step.why),
        line("     ", (how, "todo")),
    )


def course_list(modules: list[Module], progress: Progress) -> RenderableType:
    """Lessons and exercises in order, each with where the learner stands."""
    return Group(*_list_parts(modules, progress))


def _list_parts(modules: list[Module], progress: Progress) -> Iterator[RenderableType]:
    for module in modules:
        yield line((f"{module.number:02d} {module.title}", "strong"))
        table = Table.grid(padding=(0, 1), expand=True)
        table.add_column(width=1, no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        table.add_column(justify="right", no_wrap=True)
        for item in module.contents:
            row = _lesson_row(item, progress) if isinstance(item, Lesson) else _exercise_row(item, progress)
            table.add_row(*row)
        yield table
        yield Text()


def _module_row(module: Module, progress: Progress) -> list[Text]:
    exercises = module.exercises
    passed = sum(progress.has_passed(exercise.slug) for exercise in exercises)
    points = sum(exercise.points for exercise in exercises)
    earned = sum(progress.exercises[e.slug].earned for e in exercises if e.slug in progress.exercises)
    style = "good" if exercises and passed == len(exercises) else "strong" if earned else "none"
    title = line((module.title, style))
    title.no_wrap, title.overflow = True, "ellipsis"
    return [
        line((f"{module.number:02d}", "faint")),
        title,
        bar(earned, points) if points else bar(passed, len(exercises)),
        line(f"{passed}/{len(exercises)}", (" exercises", "faint")),
        line(f"{earned}/{points}", (" points", "faint")) if points else line(("ungraded", "faint")),
    ]


def bar(earned: int, points: int) -> Text:
    """How much is done, as a bar."""
    filled = _BAR * earned // points if points else 0
    filled = max(filled, 1) if earned else filled
    return line(("━" * filled, "good"), ("─" * (_BAR - filled), "faint"))


def _lesson_row(lesson: Lesson, progress: Progress) -> list[Text]:
    opened = lesson.slug in progress.lessons and bool(progress.lessons[lesson.slug].opened)
    sign = line(("▸", "good" if opened else "faint"))
    return [sign, line(lesson.slug), line((lesson.title, "faint")), line(("lesson", "faint"))]


def _exercise_row(exercise: Exercise, progress: Progress) -> list[Text]:
    attempt = progress.exercises.get(exercise.slug)
    points = f"{attempt.earned if attempt else 0}/{exercise.points}" if exercise.points else ""
    lacking = missing(exercise, progress)
    if progress.has_passed(exercise.slug):
        sign, said = line(mark("passed")), (points or "passed", "good")
    elif attempt is not None:
        sign, said = line(("●", "unsure")), (points or "started", "unsure")
    elif lacking:
        sign, said = line(("·", "faint")), (f"after {', '.join(lacking)}", "faint")
    else:
        sign, said = line(("○", "todo")), (f"{exercise.level}, {counted(exercise.minutes, 'minute')}", "faint")
    return [sign, line(exercise.slug), line((exercise.title, "faint")), line(said)]
