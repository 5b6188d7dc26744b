"""What the tests of the command line know about a learner and their machine."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path

from prodev.course import Course

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
