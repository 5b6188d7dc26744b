"""One exercise on the learner's desk: laid out, compared, cleared; nothing of theirs is ever deleted."""

from __future__ import annotations

import dataclasses
import datetime as dt
import difflib
import os
from pathlib import Path

from prodev.course import Exercise
from prodev.errors import ProDevError
from prodev.workspace.place import Workspace

ASIDE = ".aside"
_BRIEF = "README.md"


@dataclasses.dataclass(frozen=True)
class Change:
    """How one file differs; ``lines`` is a unified diff, empty when one side is missing."""

    path: str
    lines: tuple[str, ...]


class DeskError(ProDevError):
    """The learner's folder cannot be used as it stands."""


def lay_out(workspace: Workspace, exercise: Exercise) -> list[str]:
    """Place the brief and the starter's files that are not there yet, and say which. Touches no other."""
    folder = workspace.folder(exercise)
    if folder.exists() and not folder.is_dir():
        raise DeskError(f"{folder} is a file, and a folder is needed.", remedy=f"mv {folder} {folder}.mine")
    placed = []
    for path, content, mode in _wanted(exercise):
        target = folder / path
        if os.path.lexists(target) or any(_is_in_the_way(folder / part) for part in Path(path).parents):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        target.chmod(mode)
        placed.append(path)
    return placed


def clear(workspace: Workspace, exercise: Exercise) -> Path | None:
    """Move what differs from the starter aside, lay the starter out again, and return where it went."""
    folder = workspace.folder(exercise)
    pristine = {path: content for path, content, _ in _wanted(exercise)}
    mine = {path for path in _present(folder, exercise) if not _is_same(folder / path, pristine.get(path))}
    mine |= {_obstacle(folder, path) for path in pristine} - {""}
    aside = None
    if mine:
        aside = _free_name(folder / ASIDE)
        for path in sorted(mine):
            (aside / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).rename(aside / path)
    lay_out(workspace, exercise)
    return aside


def is_untouched(workspace: Workspace, exercise: Exercise) -> bool:
    """Whether every file to edit still is as the starter has it."""
    folder, starter = workspace.folder(exercise), exercise.starter
    paths = exercise.edited_files(starter)
    return exercise.edited_files(folder) == paths and all(
        _is_same(folder / path, (starter / path).read_bytes()) for path in paths
    )


def compare(exercise: Exercise, mine: Path, theirs: Path, *, label: str) -> list[Change]:
    """How the files to edit in ``mine`` differ from those in ``theirs``, which ``label`` names."""
    paths = dict.fromkeys([*exercise.edited_files(theirs), *exercise.edited_files(mine)])
    changes = []
    for path in paths:
        before, after = _lines(theirs / path), _lines(mine / path)
        if before != after:
            lines = difflib.unified_diff(before, after, f"{label}/{path}", f"yours/{path}", lineterm="")
            changes.append(Change(path, tuple(lines)))
    return changes


def changes_left_out(workspace: Workspace, exercise: Exercise) -> list[str]:
    """Files of the starter that the learner changed although the grade does not take them."""
    folder = workspace.folder(exercise)
    return [
        path
        for path, content, _ in _wanted(exercise)
        if path != _BRIEF
        and not exercise.is_edited(path)
        and (folder / path).is_file()
        and not _is_same(folder / path, content)
    ]


def files_to_edit(workspace: Workspace, exercise: Exercise) -> list[Path]:
    """The learner's files, in the order of ``edit``; where the starter has them, if they are not there."""
    folder = workspace.folder(exercise)
    paths = dict.fromkeys([*exercise.edited_files(exercise.starter), *exercise.edited_files(folder)])
    return [folder / path for path in paths]


def brief_of(exercise: Exercise) -> str:
    """The brief, with its links leading into a workspace."""
    text = exercise.brief.read_text(encoding="utf-8")
    return text.replace("](../../../modules/", "](../../lessons/").replace("](../../../exercises/", "](../../")


def _wanted(exercise: Exercise) -> list[tuple[str, bytes, int]]:
    """What a fresh folder holds: path, content and permissions of each file."""
    files = [(_BRIEF, brief_of(exercise).encode(), 0o644)]
    for path in sorted(exercise.starter.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            name = path.relative_to(exercise.starter).as_posix()
            files.append((name, path.read_bytes(), path.stat().st_mode & 0o777))
    return files


def _present(folder: Path, exercise: Exercise) -> list[str]:
    """The learner's files that a fresh folder would hold, or that the grade would take."""
    known = [path for path, _, _ in _wanted(exercise) if (folder / path).is_file()]
    edited = [path for path in exercise.edited_files(folder) if not path.startswith(f"{ASIDE}/")]
    return [*known, *edited]


def _is_same(path: Path, content: bytes | None) -> bool:
    return not path.is_symlink() and path.read_bytes() == content


def _is_in_the_way(path: Path) -> bool:
    return os.path.lexists(path) and not path.is_dir()


def _obstacle(folder: Path, path: str) -> str:
    """What stands where ``path``, or a folder on the way to it, should be; nothing, most often."""
    for parent in [*reversed(Path(path).parents)][1:]:
        if _is_in_the_way(folder / parent):
            return parent.as_posix()
    target = folder / path
    return path if os.path.lexists(target) and (target.is_symlink() or not target.is_file()) else ""


def _free_name(parent: Path) -> Path:
    stamp = dt.datetime.now().astimezone().strftime("%Y-%m-%dT%H-%M-%S")
    names = [stamp, *(f"{stamp}-{n}" for n in range(2, 100))]
    return next(parent / name for name in names if not (parent / name).exists())


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
