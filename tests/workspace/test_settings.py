"""Settings that arrive with a week, and stay the learner's own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from prodev.course import Course, Exercise
from prodev.workspace import Workspace
from prodev.workspace.create import create
from prodev.workspace.desk import lay_out
from prodev.workspace.settings import bring_settings

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
UNUSED_YET = ("--ignore", "F401")
"""Starters import what an answer will need."""


@pytest.fixture
def weeks(tmp_path: Path) -> Course:
    """Three weeks, of which the second brings ruff.toml and the third mypy.ini."""
    for name, brings in {"01-first": "", "02-second": "ruff.toml", "03-third": "mypy.ini"}.items():
        folder = tmp_path / "course" / "modules" / name / "workspace"
        folder.mkdir(parents=True)
        (folder.parent / "module.toml").touch()
        if brings:
            (folder / brings).write_text(f"# of {name}\n")
    return Course(tmp_path / "course")


def bring(weeks: Course, workspace: Workspace, module: str) -> list[str]:
    return bring_settings(workspace, weeks, Exercise(weeks.root, module, "any"))


def test_nothing_comes_before_its_week(weeks: Course, workspace: Workspace) -> None:
    before = sorted(workspace.root.iterdir())

    assert bring(weeks, workspace, "01-first") == []
    assert sorted(workspace.root.iterdir()) == before


def test_settings_come_with_their_week_and_once(weeks: Course, workspace: Workspace) -> None:
    assert bring(weeks, workspace, "02-second") == ["ruff.toml"]
    assert bring(weeks, workspace, "02-second") == []
    assert (workspace.root / "ruff.toml").read_text() == "# of 02-second\n"
    assert bring(weeks, workspace, "03-third") == ["mypy.ini"]


def test_what_a_tool_left_beside_them_stays_there(weeks: Course, workspace: Workspace) -> None:
    (weeks.root / "modules" / "02-second" / "workspace" / ".ruff_cache").mkdir()

    assert bring(weeks, workspace, "02-second") == ["ruff.toml"]


def test_who_begins_later_gets_what_came_before(weeks: Course, workspace: Workspace) -> None:
    assert bring(weeks, workspace, "03-third") == ["ruff.toml", "mypy.ini"]


def test_a_file_of_the_learners_stays_as_it_is(weeks: Course, workspace: Workspace) -> None:
    (workspace.root / "ruff.toml").write_text("# mine\n")

    assert bring(weeks, workspace, "02-second") == []
    assert (workspace.root / "ruff.toml").read_text() == "# mine\n"


@pytest.mark.parametrize(("file", "text"), [(".ruff.toml", ""), ("pyproject.toml", "[tool.ruff]\nline-length = 79\n")])
def test_settings_elsewhere_are_not_overruled(weeks: Course, workspace: Workspace, file: str, text: str) -> None:
    (workspace.root / file).write_text(text)

    assert bring(weeks, workspace, "02-second") == []


def started(tmp_path: Path, slugs: list[str]) -> Workspace:
    """A workspace of the real course in which these exercises are begun."""
    course = Course(ROOT)
    workspace = create(tmp_path / "mine", course).workspace
    for slug in slugs:
        exercise = course.exercise(slug)
        lay_out(workspace, exercise)
        bring_settings(workspace, course, exercise)
    return workspace


def test_the_tools_read_the_settings_of_week_three_and_begin_in_peace(tmp_path: Path) -> None:
    exercises = Course(ROOT).module("03-testing-async").exercises
    workspace = started(tmp_path, [exercise.slug for exercise in exercises])
    environ = os.environ | {"MYPY_CACHE_DIR": str(tmp_path / "cache")}
    ruff = subprocess.run(
        [BIN / "ruff", "check", "--no-cache", *UNUSED_YET], cwd=workspace.root, capture_output=True, text=True
    )

    assert ruff.returncode == 0, ruff.stdout
    for exercise in exercises:
        folder = workspace.folder(exercise)
        mypy = subprocess.run([BIN / "mypy", "."], cwd=folder, env=environ, capture_output=True, text=True)
        assert mypy.returncode == 0, f"{exercise.slug}: {mypy.stdout}"


def test_the_tools_find_a_learners_mistake(tmp_path: Path) -> None:
    workspace = started(tmp_path, ["kill-the-mutants"])
    folder = workspace.root / "03-testing-async" / "kill-the-mutants"
    (folder / "test_stay.py").write_text("import os\n\n\ndef test_one():\n    nights: int = 'one'\n    assert nights\n")
    environ = os.environ | {"MYPY_CACHE_DIR": str(tmp_path / "cache")}
    ruff = subprocess.run([BIN / "ruff", "check", "--no-cache"], cwd=folder, capture_output=True, text=True)
    mypy = subprocess.run([BIN / "mypy", "."], cwd=folder, env=environ, capture_output=True, text=True)

    assert "`os` imported but unused" in ruff.stdout
    assert "Incompatible types in assignment" in mypy.stdout
