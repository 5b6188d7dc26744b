"""The workspace is found from wherever a command is typed, and so is the exercise that is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from prodev.course import Course, CourseError, Exercise
from prodev.workspace import NoWorkspace, Workspace, find, locate, remember
from prodev.workspace.desk import lay_out
from prodev.workspace.record import record_start


def test_it_is_found_from_a_folder_deep_inside(workspace: Workspace, course: Course, nights: Exercise) -> None:
    lay_out(workspace, nights)

    assert find(course, start=workspace.folder(nights)) == workspace


def test_the_last_one_is_remembered(workspace: Workspace, course: Course, tmp_path: Path) -> None:
    remember(workspace)

    assert find(course, start=tmp_path) == workspace


def test_one_that_is_gone_is_not_found(workspace: Workspace, course: Course, tmp_path: Path) -> None:
    remember(workspace)
    (workspace.root / "prodev.toml").unlink()

    with pytest.raises(NoWorkspace) as none:
        find(course, start=tmp_path)

    assert none.value.remedy == "prodev init"


def test_a_home_that_cannot_be_written_is_left_alone(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null")

    remember(workspace)


@pytest.mark.parametrize("typed", ["count-nights", "count", "00-stays/count-nights", "mine/00-stays/count-nights/"])
def test_a_name_its_beginning_and_a_path_all_mean_it(workspace: Workspace, course: Course, typed: str) -> None:
    assert locate(workspace, course, typed, start=workspace.root.parent).slug == "count-nights"


def test_inside_its_folder_no_name_is_needed(workspace: Workspace, course: Course, nights: Exercise) -> None:
    lay_out(workspace, nights)
    record_start(workspace, course.exercise("price-tag"))

    assert locate(workspace, course, None, start=workspace.folder(nights)).slug == "count-nights"
    assert locate(workspace, course, ".", start=workspace.folder(nights)).slug == "count-nights"
    assert locate(workspace, course, "nights.py", start=workspace.folder(nights)).slug == "count-nights"


def test_elsewhere_the_one_last_started_is_meant(workspace: Workspace, course: Course, nights: Exercise) -> None:
    record_start(workspace, nights)

    assert locate(workspace, course, None, start=workspace.root).slug == "count-nights"


def test_with_nothing_started_it_asks(workspace: Workspace, course: Course) -> None:
    with pytest.raises(NoWorkspace, match="You have not started one yet"):
        locate(workspace, course, None, start=workspace.root)


@pytest.mark.parametrize("typed", ["cuont-nights", "cuonts", "coutn"])
def test_a_typo_is_answered_with_what_was_meant(workspace: Workspace, course: Course, typed: str) -> None:
    with pytest.raises(CourseError, match="Did you mean 'count-nights'"):
        locate(workspace, course, typed, start=workspace.root)
