"""A lesson's copy is the learner's: it follows the course until they change it, and then never."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from prodev.course import Course, Lesson
from prodev.workspace import Workspace
from prodev.workspace.notebooks import place_copy, set_aside


@pytest.fixture
def lesson(course: Course, tmp_path: Path) -> Lesson:
    """A lesson of a course that may change."""
    shutil.copytree(course.root, tmp_path / "course")
    (tmp_path / "course/modules/00-stays/files").mkdir()
    (tmp_path / "course/modules/00-stays/files/stays.csv").write_text("1,2\n")
    return Course(tmp_path / "course").lesson("half-open-stays")


def move_on(lesson: Lesson) -> None:
    lesson.path.write_text(lesson.path.read_text() + "\n")


def test_a_copy_is_placed_and_noted_with_the_files_beside_it(workspace: Workspace, lesson: Lesson) -> None:
    placed = place_copy(workspace, lesson)

    assert placed.state == "new"
    assert placed.path == workspace.root / "lessons/00-stays/half-open-stays.ipynb"
    assert (placed.path.parent / "files/stays.csv").read_text() == "1,2\n"
    assert workspace.progress.read().lessons["half-open-stays"].opened


def test_links_to_exercises_lead_into_the_workspace(workspace: Workspace, lesson: Lesson) -> None:
    assert "](../../exercises/00-stays/count-nights/" in lesson.path.read_text()

    assert "](../../00-stays/count-nights/" in place_copy(workspace, lesson).path.read_text()


def test_a_copy_that_was_not_changed_follows_the_course(workspace: Workspace, lesson: Lesson) -> None:
    place_copy(workspace, lesson)
    move_on(lesson)

    placed = place_copy(workspace, lesson)

    assert placed.state == "renewed"
    assert placed.path.read_bytes().endswith(b"}\n\n")


def test_a_copy_that_was_changed_stays(workspace: Workspace, lesson: Lesson) -> None:
    path = place_copy(workspace, lesson).path
    path.write_text("mine")

    assert place_copy(workspace, lesson).state == "same"

    move_on(lesson)

    assert place_copy(workspace, lesson).state == "kept"
    assert path.read_text() == "mine"


def test_setting_aside_keeps_every_copy(workspace: Workspace, lesson: Lesson) -> None:
    kept = []
    for text in ("first", "second"):
        path = place_copy(workspace, lesson).path
        path.write_text(text)
        kept.append(set_aside(path))

    assert [path.read_text() for path in kept] == ["first", "second"]
    assert place_copy(workspace, lesson).state == "new"
