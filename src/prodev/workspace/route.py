"""What comes next, and why."""

from __future__ import annotations

import dataclasses

from prodev.course import Course, Exercise, Lesson, Module
from prodev.workspace.progress import Progress


@dataclasses.dataclass(frozen=True)
class Step:
    """A lesson to read or an exercise to pass; ``why`` is a sentence."""

    module: Module
    item: Lesson | Exercise
    why: str


def next_step(course: Course, progress: Progress) -> Step | None:
    """The first exercise not passed whose ``requires`` are, or the lesson that it rests on.

    A lesson that no exercise names is proposed where the module puts it. None when all is done.
    """
    for module in course.modules:
        rested_on = {exercise.lesson for exercise in module.exercises}
        for item in module.contents:
            if isinstance(item, Lesson):
                if item.slug not in rested_on and not _was_opened(progress, item.slug):
                    return Step(module, item, f"It comes next in {module.title}.")
            elif not progress.has_passed(item.slug) and not missing(item, progress):
                return _towards(course, module, item, progress)
    return None


def next_exercise(course: Course, progress: Progress, *, after: Exercise | None = None) -> Exercise | None:
    """The first exercise that can be begun and is not passed; those behind ``after`` before all others."""
    order = course.exercises
    slugs = [exercise.slug for exercise in order]
    place = slugs.index(after.slug) + 1 if after is not None and after.slug in slugs else 0
    for exercise in order[place:] + order[: max(place - 1, 0)]:
        if not progress.has_passed(exercise.slug) and not missing(exercise, progress):
            return exercise
    return None


def missing(exercise: Exercise, progress: Progress) -> list[str]:
    """The exercises that ``exercise`` builds on and that are not passed yet."""
    return [slug for slug in exercise.requires if not progress.has_passed(slug)]


def _towards(course: Course, module: Module, exercise: Exercise, progress: Progress) -> Step:
    attempt = progress.exercises.get(exercise.slug)
    if attempt is not None and attempt.runs:
        so_far = f": {attempt.earned} of {exercise.points} points so far" if exercise.points else ""
        return Step(module, exercise, f"You are at it{so_far}.")
    if exercise.lesson is not None and not _was_opened(progress, exercise.lesson):
        lesson = course.lesson(exercise.lesson)
        return Step(module, lesson, f"The exercise '{exercise.title}' rests on it.")
    if exercise.requires:
        builds_on = " and ".join(f"'{course.exercise(slug).title}'" for slug in exercise.requires)
        return Step(module, exercise, f"It comes after {builds_on}, because it builds on that.")
    if exercise.lesson is not None:
        return Step(module, exercise, f"It puts the lesson '{course.lesson(exercise.lesson).title}' to work.")
    return Step(module, exercise, f"It comes next in {module.title}.")


def _was_opened(progress: Progress, slug: str) -> bool:
    return slug in progress.lessons and bool(progress.lessons[slug].opened)
