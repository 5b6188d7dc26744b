"""Hints come one at a time for the task at hand; the solution after the pass, or at the second asking."""

from __future__ import annotations

import pytest

from prodev.course import Course, Exercise
from prodev.errors import ProDevError
from prodev.workspace import Workspace
from prodev.workspace.help import ask_for_solution, hints_left, next_hint


def last_run(workspace: Workspace, slug: str = "count-nights", **outcomes: str) -> None:
    with workspace.progress.change() as progress:
        progress.attempt(slug).tasks = {key.replace("_", "-"): value for key, value in outcomes.items()}


def test_before_any_run_the_first_task_is_at_hand(workspace: Workspace, nights: Exercise) -> None:
    hints = next_hint(workspace, nights)

    assert hints.task.id == "half-open"
    assert hints.shown == nights.task("half-open").hints[:1]
    assert hints.left == 2


def test_each_time_one_more(workspace: Workspace, nights: Exercise) -> None:
    left = [next_hint(workspace, nights).left for _ in range(3)]
    again = next_hint(workspace, nights)

    assert left == [2, 1, 0]
    assert again.shown == nights.task("half-open").hints
    assert not again.is_new


def test_hints_are_for_the_first_task_that_fails(workspace: Workspace, nights: Exercise) -> None:
    last_run(workspace, half_open="passed", refuses="failed")

    assert next_hint(workspace, nights).task.id == "refuses"


def test_a_given_task_is_at_hand_only_when_it_broke(workspace: Workspace, course: Course) -> None:
    tag = course.exercise("price-tag")
    assert next_hint(workspace, tag).task.id == "exact"

    last_run(workspace, "price-tag", reads="failed", exact="failed", currency="failed")
    with pytest.raises(ProDevError, match="'Is still JSON, and still names the listing' has no hints"):
        next_hint(workspace, tag)


def test_when_all_passed_there_is_nothing_to_hint_at(workspace: Workspace, nights: Exercise) -> None:
    last_run(workspace, half_open="passed", refuses="passed")

    with pytest.raises(ProDevError, match="nothing to hint at"):
        next_hint(workspace, nights)


def test_hints_left_count_those_not_shown(workspace: Workspace, nights: Exercise) -> None:
    next_hint(workspace, nights)
    attempt = workspace.progress.read().exercises["count-nights"]

    assert hints_left(nights, nights.task("half-open"), attempt) == 2
    assert hints_left(nights, None, attempt) == 4


def test_the_solution_takes_a_second_asking_before_the_pass(workspace: Workspace, nights: Exercise) -> None:
    assert not ask_for_solution(workspace, nights)
    assert not workspace.progress.read().exercises["count-nights"].solution_opened

    assert ask_for_solution(workspace, nights)
    assert workspace.progress.read().exercises["count-nights"].solution_opened


def test_the_solution_is_shown_at_once_after_the_pass(workspace: Workspace, nights: Exercise) -> None:
    with workspace.progress.change() as progress:
        progress.attempt("count-nights").passed = "2026-01-01T00:00:00+00:00"

    assert ask_for_solution(workspace, nights)
