"""``prodev`` typed in a folder of the test's own, against a copy of the toy course."""

from __future__ import annotations

import dataclasses
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from prodev.cli import main
from prodev.course import Course

TOY = Path(__file__).resolve().parents[1] / "toy_course"
PRODEV = Path(sys.executable).parent / "prodev"


@dataclasses.dataclass(frozen=True)
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def words(self) -> str:
        """All that was said, on one line."""
        return " ".join(f"{self.out} {self.err}".split())


Prodev = Callable[..., Said]


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


def right_answer(course: Course) -> str:
    return (course.exercise("count-nights").reference / "nights.py").read_text()


def children_of(pid: int) -> set[int]:
    """The processes below ``pid``, as far down as they go."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found |= {child} | children_of(child)
    return found


def is_alive(pid: int) -> bool:
    """Whether it runs; a zombie that nobody has asked about yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def environment(**more: str) -> Mapping[str, str]:
    return os.environ | more
