"""The toy course, and a workspace for it in a folder of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from prodev.course import Course, Exercise
from prodev.workspace import Workspace
from prodev.workspace.create import create

TOY = Path(__file__).resolve().parents[1] / "toy_course"


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is remembered in, or read from, the home of whoever runs the tests."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for key, value in {"NAME": "Ada", "EMAIL": "ada@example.org"}.items():
        monkeypatch.setenv(f"GIT_AUTHOR_{key}", value)
        monkeypatch.setenv(f"GIT_COMMITTER_{key}", value)


@pytest.fixture
def course() -> Course:
    return Course(TOY)


@pytest.fixture
def workspace(course: Course, tmp_path: Path) -> Workspace:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "")  # without git: most tests can do without the time it takes
        return create(tmp_path / "mine", course).workspace


@pytest.fixture
def nights(course: Course) -> Exercise:
    """One file to edit, tasks ``half-open`` (three hints) and ``refuses`` (two)."""
    return course.exercise("count-nights")
