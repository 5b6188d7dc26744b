"""``prodev`` typed in a folder of the test's own, against a copy of the toy course."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from learner import Prodev, Said

from prodev.cli import main
from prodev.course import Course

TOY = Path(__file__).resolve().parents[1] / "toy_course"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    shutil.copytree(TOY, tmp_path / "course")
    return Course(tmp_path / "course")


@pytest.fixture
def home(tmp_path: Path, course: Course, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in; the environment is as on a machine where nothing was done yet."""
    environment = {
        "PRODEV_COURSE": str(course.root),
        "HOME": str(tmp_path / "home"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "COLUMNS": "100",
        "NO_COLOR": "1",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def prodev(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Prodev:
    """Type a command; it runs in this process, and in the folder that the test is in."""

    def type_(*arguments: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["prodev", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        return Said(int(left.value.code or 0), *capsys.readouterr())

    return type_


@pytest.fixture
def workspace(prodev: Prodev, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace in which ``count-nights`` is started; the test is in it."""
    with monkeypatch.context() as patch:
        patch.setenv("PATH", "")  # without git, for speed
        assert prodev("init", "mine").code == 0
    monkeypatch.chdir(home / "mine")
    assert prodev("start", "count-nights").code == 0
    return home / "mine"


@pytest.fixture
def answer(workspace: Path) -> Path:
    """The file to edit."""
    return workspace / "00-stays" / "count-nights" / "nights.py"
