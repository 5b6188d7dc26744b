"""Ways to hand in a workspace."""

from __future__ import annotations

import io
import os
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path

from prodev.cohort.grade import Grading, asked_of
from prodev.cohort.local import LocalEngine
from prodev.cohort.results import CohortReport
from prodev.cohort.sources import Taken, call_in, take_in
from prodev.cohort.store import Store
from prodev.course import Course

TOY = Path(__file__).resolve().parents[1] / "toy_course"
NIGHTS = "00-stays/count-nights/nights.py"
TAG = "00-stays/price-tag/tag.json"
MARKED = {"prodev.toml": 'edition = "0.1.0"\n'}
RIGHT = (TOY / "solutions/00-stays/count-nights/reference/nights.py").read_text(encoding="utf-8")
WRONG = (TOY / "solutions/00-stays/count-nights/misconceptions/last-day-counts/nights.py").read_text(encoding="utf-8")

Files = Mapping[str, str | bytes]


def in_folder(root: Path, files: Files | None = None, *, marked: bool = True) -> Path:
    """Lay ``files`` (by default a right answer) out below ``root``, as a workspace."""
    for name, content in ({**(MARKED if marked else {}), **({NIGHTS: RIGHT} if files is None else files)}).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_bytes(content))
    return root


def in_zip(path: Path, files: Files | None = None, *, below: str = "", marked: bool = True) -> Path:
    """Zip ``files`` under the folder ``below``; names are written as they stand."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in ({**(MARKED if marked else {}), **({NIGHTS: RIGHT} if files is None else files)}).items():
            archive.writestr(zipfile.ZipInfo(below + name), _bytes(content))
    return path


def in_git(root: Path, files: Files | None = None, *, at: str = "2026-05-01T10:00:00Z") -> Path:
    """Commit ``files`` into a repository at ``root``."""
    if not (root / ".git").exists():
        root.mkdir(parents=True, exist_ok=True)
        git(root, "init", "--quiet", "--initial-branch=main")
    in_folder(root, files)
    git(root, "add", "--all", "--force")
    git(root, "commit", "--quiet", "--allow-empty", "-m", "hand in", at=at)
    return root


def git(folder: Path, *arguments: str, at: str = "2026-05-01T10:00:00Z") -> str:
    """Run git in ``folder`` as a learner would, and return what it prints."""
    who = {f"GIT_{role}_{what}": text for role in ("AUTHOR", "COMMITTER") for what, text in _WHO.items()}
    dates = {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}
    nobodys = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "-c", "protocol.file.allow=always", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=os.environ | who | dates | nobodys, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


_WHO = {"NAME": "Ada", "EMAIL": "ada@example.org"}


def taken(path: Path | str, course: Course | None = None) -> Taken:
    """What is taken from the one submission at ``path``."""
    course = course or Course(TOY)
    called = call_in([str(path)], modules=frozenset(module.name for module in course.modules))
    (source,) = called.sources
    return take_in(source, course.exercises)


def answer_in(one: Taken) -> bytes:
    """The content of nights.py."""
    assert not one.handed.problem, one.handed.problem
    return one.candidates["count-nights"].files["nights.py"]


def graded(
    path: Path | str, out: Path, *, course: Course | None = None, slugs: tuple[str, ...] = (), fresh: bool = False
) -> CohortReport:
    """Grade what is at ``path``, on one grader after another, into ``out``."""
    course = course or Course(TOY)
    called = call_in([str(path)], modules=frozenset(module.name for module in course.modules), apart_from=out)
    exercises = asked_of(course, called, slugs)
    store = Store(out)
    engine = LocalEngine({exercise.slug: exercise for exercise in exercises}, slots=1)
    with store.locked():
        grading = Grading(store, engine, jobs=2, fresh=fresh)
        return grading.grade(called, exercises, only_handed_in=not (slugs or called.exercises))[0]


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


def spoilt(path: Path, *, before: bytes, after: bytes) -> Path:
    """Replace bytes in a file that was written well."""
    content = path.read_bytes()
    assert before in content
    path.write_bytes(content.replace(before, after))
    return path


def zip_in_memory(files: Files) -> bytes:
    """The bytes of a zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, _bytes(content))
    return buffer.getvalue()
