"""Settings of tools that arrive in a workspace with a module, and are the learner's own from then on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from prodev.course import Course, Exercise
from prodev.workspace.place import Workspace


def bring_settings(workspace: Workspace, course: Course, exercise: Exercise) -> list[str]:
    """Place what ``modules/NN-name/workspace/`` holds, of this exercise's module and those before, and say what is new.

    Nothing that is there is touched, and no file comes for a tool that the learner has given settings elsewhere.
    """
    placed = []
    for path in _settings_until(course, exercise.module):
        target = workspace.root / path.name
        if not target.exists() and not _has_own(workspace.root, path):
            shutil.copyfile(path, target)
            placed.append(path.name)
    return placed


def _settings_until(course: Course, last: str) -> Iterator[Path]:
    for module in course.modules:
        # Files alone: a tool that was run on the folder leaves its cache in there.
        yield from sorted(path for path in (module.folder / "workspace").glob("*") if path.is_file())
        if module.name == last:
            return


def _has_own(root: Path, path: Path) -> bool:
    """Whether the learner has told the tool of ``path``, which its stem names, in another of its files."""
    pyproject = root / "pyproject.toml"
    told = pyproject.read_text(encoding="utf-8", errors="replace") if pyproject.is_file() else ""
    return (root / f".{path.name}").exists() or f"[tool.{path.stem}" in told
