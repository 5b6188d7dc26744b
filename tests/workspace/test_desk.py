"""An exercise is laid out, compared and cleared, and nothing that the learner wrote is ever lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from prodev.course import Course, Exercise
from prodev.workspace import Workspace
from prodev.workspace.desk import (
    DeskError,
    changes_left_out,
    clear,
    compare,
    files_to_edit,
    is_untouched,
    lay_out,
)


@pytest.fixture
def folder(workspace: Workspace, nights: Exercise) -> Path:
    lay_out(workspace, nights)
    return workspace.folder(nights)


def everything_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_brief_and_the_starter_are_laid_out_and_no_test(folder: Path, nights: Exercise) -> None:
    assert set(everything_in(folder)) == {"README.md", "nights.py"}
    assert (folder / "nights.py").read_bytes() == (nights.starter / "nights.py").read_bytes()


def test_links_of_the_brief_lead_into_the_workspace(folder: Path) -> None:
    assert "](../../lessons/00-stays/half-open-stays.ipynb)" in (folder / "README.md").read_text()


def test_laying_out_again_brings_back_only_what_is_missing(
    workspace: Workspace, nights: Exercise, folder: Path
) -> None:
    (folder / "nights.py").write_text("mine")
    (folder / "README.md").unlink()

    assert lay_out(workspace, nights) == ["README.md"]
    assert (folder / "nights.py").read_text() == "mine"


def test_a_file_in_the_place_of_the_folder_is_named(workspace: Workspace, nights: Exercise) -> None:
    workspace.folder(nights).parent.mkdir()
    workspace.folder(nights).write_text("in the way")

    with pytest.raises(DeskError, match="is a file, and a folder is needed"):
        lay_out(workspace, nights)


def test_permissions_come_along(workspace: Workspace, course: Course, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(course.root, tmp_path / "course")
    script = tmp_path / "course/exercises/00-stays/count-nights/starter/probe.sh"
    script.write_text("#!/bin/bash\n")
    script.chmod(0o755)
    exercise = Course(tmp_path / "course").exercise("count-nights")

    lay_out(workspace, exercise)

    assert os.access(workspace.folder(exercise) / "probe.sh", os.X_OK)


def test_a_fresh_exercise_is_untouched(workspace: Workspace, nights: Exercise, folder: Path) -> None:
    assert is_untouched(workspace, nights)

    (folder / "nights.py").write_text("mine")

    assert not is_untouched(workspace, nights)


def test_clearing_moves_aside_what_differs(workspace: Workspace, nights: Exercise, folder: Path) -> None:
    (folder / "nights.py").write_text("mine")
    (folder / "notes.md").write_text("my notes")

    aside = clear(workspace, nights)

    assert aside is not None
    assert (aside / "nights.py").read_text() == "mine"
    assert aside.parent == folder / ".aside"
    assert is_untouched(workspace, nights)
    assert (folder / "notes.md").read_text() == "my notes"


def test_clearing_twice_in_a_second_keeps_both(workspace: Workspace, nights: Exercise, folder: Path) -> None:
    for text in ("first", "second"):
        (folder / "nights.py").write_text(text)
        clear(workspace, nights)

    kept = {path.read_text() for path in (folder / ".aside").rglob("nights.py")}
    assert kept == {"first", "second"}


def test_clearing_what_is_untouched_does_nothing(workspace: Workspace, nights: Exercise, folder: Path) -> None:
    assert clear(workspace, nights) is None
    assert not (folder / ".aside").exists()


def test_clearing_moves_away_a_folder_in_the_place_of_the_file(
    workspace: Workspace, nights: Exercise, folder: Path
) -> None:
    (folder / "nights.py").unlink()
    (folder / "nights.py").mkdir()
    (folder / "nights.py" / "draft.py").write_text("mine")

    aside = clear(workspace, nights)

    assert aside is not None
    assert (aside / "nights.py" / "draft.py").read_text() == "mine"
    assert is_untouched(workspace, nights)


def test_clearing_moves_away_a_link(workspace: Workspace, nights: Exercise, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.py").write_text("mine")
    (folder / "nights.py").unlink()
    (folder / "nights.py").symlink_to(tmp_path / "elsewhere.py")

    clear(workspace, nights)

    assert (tmp_path / "elsewhere.py").read_text() == "mine"
    assert not (folder / "nights.py").is_symlink()
    assert is_untouched(workspace, nights)


def test_a_comparison_shows_both_sides(nights: Exercise, folder: Path) -> None:
    (folder / "nights.py").write_text((nights.starter / "nights.py").read_text().replace("TODO", "DONE"))

    (change,) = compare(nights, folder, nights.starter, label="starter")

    assert change.lines[:2] == ("--- starter/nights.py", "+++ yours/nights.py")
    assert any(line.startswith("-") and "TODO" in line for line in change.lines)
    assert any(line.startswith("+") and "DONE" in line for line in change.lines)


def test_a_file_that_is_gone_or_unreadable_is_compared_as_empty(nights: Exercise, folder: Path) -> None:
    (folder / "nights.py").write_bytes(b"\xff\xfe")
    assert compare(nights, folder, nights.starter, label="starter")

    (folder / "nights.py").unlink()
    assert compare(nights, folder, nights.starter, label="starter")


def test_a_changed_file_that_is_not_graded_is_told(workspace: Workspace, course: Course, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(course.root, tmp_path / "course")
    (tmp_path / "course/exercises/00-stays/count-nights/starter/settings.py").write_text("A = 1\n")
    exercise = Course(tmp_path / "course").exercise("count-nights")
    lay_out(workspace, exercise)
    (workspace.folder(exercise) / "nights.py").write_text("mine")
    assert changes_left_out(workspace, exercise) == []

    (workspace.folder(exercise) / "settings.py").write_text("A = 2\n")

    assert changes_left_out(workspace, exercise) == ["settings.py"]


def test_files_to_edit_are_named_even_when_they_are_gone(workspace: Workspace, nights: Exercise, folder: Path) -> None:
    (folder / "nights.py").unlink()

    assert files_to_edit(workspace, nights) == [folder / "nights.py"]


def test_files_to_edit_stand_in_the_order_of_edit(workspace: Workspace, course: Course, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(course.root, tmp_path / "course")
    folder = tmp_path / "course/exercises/00-stays/count-nights"
    (folder / "starter/arrivals.py").write_text("TODO = 1\n")
    table = folder / "exercise.toml"
    table.write_text(table.read_text().replace('["nights.py"]', '["nights.py", "arrivals.py"]'))
    exercise = Course(tmp_path / "course").exercise("count-nights")
    lay_out(workspace, exercise)

    assert [path.name for path in files_to_edit(workspace, exercise)] == ["nights.py", "arrivals.py"]
