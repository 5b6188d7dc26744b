"""Make a workspace: a folder, and a git repository of the learner's own."""

from __future__ import annotations

import dataclasses
import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

from prodev import __version__
from prodev.course import Course
from prodev.errors import ProDevError
from prodev.workspace.place import MARKER, Workspace, remember
from prodev.workspace.progress import Progress
from prodev.workspace.readme import refresh

UPSTREAM = "OWNER/REPOSITORY"
"""Stands in the workflow until somebody names the mentor's repository."""

_PLACES = {
    "README.md": "README.md",
    "prodev.toml": MARKER,
    "pytest.ini": "pytest.ini",
    "gitignore": ".gitignore",
    "grade.yml": ".github/workflows/grade.yml",
}


@dataclasses.dataclass(frozen=True)
class Created:
    """A workspace, whether this made it, and what is left for the learner to do: sentences."""

    workspace: Workspace
    is_new: bool
    notes: tuple[str, ...] = ()


def create(root: Path, course: Course, *, upstream: str | None = None) -> Created:
    """Make ``root`` a workspace, or complete it; files that are there stay as they are.

    ``upstream`` is the ``owner/repository`` whose workflow grades a push; the clone's own origin
    when it is on GitHub. Raises ProDevError for a folder that cannot be one.
    """
    workspace = Workspace(root)
    is_new = not (root / MARKER).exists()
    _refuse_the_clone(root, course)
    if is_new and root.is_dir() and any(path.name != ".git" for path in root.iterdir()):
        raise ProDevError(
            f"{root} is not empty and is not a workspace.", remedy="Name an empty or a new folder: prodev init DIR"
        )
    values = {"{edition}": __version__, "{upstream}": upstream or _origin_of(course.root) or UPSTREAM}
    root.mkdir(parents=True, exist_ok=True)
    for name, place in _PLACES.items():
        _write_new(root / place, files("prodev.workspace") / "template" / name, values)
    if not workspace.progress.path.exists():
        with workspace.progress.change():
            pass
    refresh(workspace, course, Progress() if is_new else workspace.progress.read())
    remember(workspace)
    return Created(workspace, is_new, tuple(_put_under_git(root)) if is_new else ())


def _refuse_the_clone(root: Path, course: Course) -> None:
    inside = root.relative_to(course.root).parts if root.is_relative_to(course.root) else None
    if inside is not None and inside[:1] != ("workspace",):
        raise ProDevError(
            f"{root} lies in the course's own clone, which a 'git pull' rewrites.",
            remedy=f"Name a folder outside {course.root}, or none: prodev init",
        )


def _write_new(path: Path, template: object, values: dict[str, str]) -> None:
    if path.exists():
        return
    text: str = template.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    for key, value in values.items():
        text = text.replace(key, value)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _put_under_git(root: Path) -> list[str]:
    """Make a repository with a first commit, and say what could not be done."""
    if shutil.which("git") is None:
        return [f"git is not installed: your work is not versioned yet. Later: cd {root} && git init -b main"]
    if not (root / ".git").exists() and _git(root, "init", "--quiet", "-b", "main"):
        return [f"git could not make a repository in {root}. By hand: git init -b main {root}"]
    if _git(root, "var", "GIT_COMMITTER_IDENT"):
        return [
            "git does not know your name yet, so nothing is committed. Tell it, then commit:",
            '  git config --global user.name "Your Name"',
            "  git config --global user.email you@example.org",
            f"  cd {root} && git add . && git commit -m 'Begin'",
        ]
    if _git(root, "add", ".") or _git(root, "commit", "--quiet", "-m", "Begin the course"):
        return [f"The first commit did not work. By hand: cd {root} && git add . && git commit -m 'Begin'"]
    return []


def _git(root: Path, *arguments: str) -> int:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL).returncode


def _origin_of(clone: Path) -> str | None:
    """``owner/repository`` of the clone's origin, when that is on GitHub."""
    if shutil.which("git") is None or not (clone / ".git").exists():
        return None
    command = ["git", "-C", str(clone), "remote", "get-url", "origin"]
    url = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    found = re.search(r"github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?$", url)
    return found[1] if found else None
