"""Digests that tell whether a result still holds: of the grader, of an exercise, of one job."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path

from prodev import __version__
from prodev.course import Exercise

_SOURCES = Path(__file__).resolve().parents[1]


@functools.cache
def edition_digest() -> str:
    """Changes when the code that grades does: the edition's number, and the rooms ``grading`` and ``testbed``."""
    files = (path for room in ("grading", "testbed") for path in (_SOURCES / room).rglob("*.py"))
    return _digest(__version__, *_contents(files, _SOURCES))


@functools.cache
def _of_folder(folder: Path) -> str:
    described = [folder / "exercise.toml"]
    files = (path for part in ("tests", "starter") for path in (folder / part).rglob("*") if path.is_file())
    return _digest(*_contents([*described, *files], folder))


def suite_digest(exercise: Exercise) -> str:
    """Changes when the tests, the starter or the description of the exercise do. Read once per process."""
    return _digest(exercise.slug, _of_folder(exercise.folder))


def job_key(exercise: Exercise, candidate_digest: str) -> str:
    """Equal for two jobs that have the same result."""
    return _digest(edition_digest(), suite_digest(exercise), candidate_digest)[:40]


def seed_of(exercise: Exercise, candidate_digest: str) -> int:
    """The seed of the inputs that are drawn for a candidate: the same however often it is graded; 31 bits."""
    return int(_digest("seed", job_key(exercise, candidate_digest))[:8], 16) >> 1


def _contents(files: Iterable[Path], root: Path) -> Iterable[str | bytes]:
    for path in sorted(files):
        if "__pycache__" not in path.parts:
            yield path.relative_to(root).as_posix()
            yield path.read_bytes()


def _digest(*parts: str | bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8) + raw)
    return digest.hexdigest()
