"""The next step is the first that can be taken, and it comes with its reason."""

from __future__ import annotations

from prodev.course import Course
from prodev.workspace import Attempt, Progress, Reading
from prodev.workspace.route import missing, next_exercise, next_step

PASSED = Attempt(passed="2026-01-01T00:00:00+00:00", earned=3, runs=1)
OPENED = Reading(opened="2026-01-01T00:00:00+00:00")


def progress(*passed: str, opened: bool = True, **attempts: Attempt) -> Progress:
    lessons = {"half-open-stays": OPENED} if opened else {}
    return Progress(exercises=dict.fromkeys(passed, PASSED) | attempts, lessons=lessons)


def test_a_lesson_comes_before_the_exercise_that_rests_on_it(course: Course) -> None:
    step = next_step(course, Progress())

    assert step is not None
    assert step.item.slug == "half-open-stays"
    assert step.why == "The exercise 'Count the nights of a stay' rests on it."


def test_a_lesson_that_was_opened_is_not_proposed_again(course: Course) -> None:
    step = next_step(course, progress())

    assert step is not None
    assert step.item.slug == "count-nights"
    assert "Half-open stays" in step.why


def test_what_was_begun_goes_on_without_the_lesson(course: Course) -> None:
    begun = {"count-nights": Attempt(runs=1, earned=2)}
    step = next_step(course, Progress(exercises=begun))

    assert step is not None
    assert step.item.slug == "count-nights"
    assert step.why == "You are at it: 2 of 3 points so far."


def test_an_exercise_comes_after_those_that_it_requires(course: Course) -> None:
    step = next_step(course, progress("count-nights"))

    assert step is not None
    assert step.item.slug == "price-tag"
    assert step.why == "It comes after 'Count the nights of a stay', because it builds on that."


def test_when_all_is_passed_nothing_is_next(course: Course) -> None:
    assert next_step(course, progress("count-nights", "price-tag")) is None


def test_required_exercises_that_are_missing_are_named(course: Course) -> None:
    assert missing(course.exercise("price-tag"), Progress()) == ["count-nights"]


def test_going_on_without_a_pass_takes_the_one_behind(course: Course) -> None:
    nights = course.exercise("count-nights")

    assert next_exercise(course, progress(), after=nights) is None  # price-tag requires it

    going_on = next_exercise(course, progress("count-nights"), after=nights)
    assert going_on is not None
    assert going_on.slug == "price-tag"
