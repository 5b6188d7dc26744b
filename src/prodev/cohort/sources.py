"""Find every submission in the paths that a mentor names, and take from each what the exercises list."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from prodev.cohort.candidates import Candidate, find_workspace, gather
from prodev.cohort.late import Late, utc
from prodev.cohort.repositories import GitTree, clone, is_address, objects_of
from prodev.cohort.results import Handed
from prodev.cohort.roster import NAME, Entry, Roster, read_roster
from prodev.cohort.trees import Broken, FolderTree, Tree
from prodev.cohort.uploads import ZipTree, time_of
from prodev.course import Exercise
from prodev.errors import ProDevError
from prodev.workspace.place import MARKER


@dataclasses.dataclass(frozen=True)
class Source:
    """Where one submission is, not yet opened. ``at`` and ``deadline`` are what a roster says of it."""

    name: str
    origin: str
    kind: Literal["folder", "zip", "git", "missing"]
    commit: str = ""
    deadline: datetime | None = None
    at: datetime | None = None


@dataclasses.dataclass(frozen=True)
class Called:
    """Everything that the paths named."""

    title: str
    sources: tuple[Source, ...]
    late: Late | None = None
    exercises: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Taken:
    """A submission that was opened, and what it holds by exercise. ``at`` is when it was handed in, if known."""

    handed: Handed
    candidates: dict[str, Candidate]
    at: datetime | None = None
    deadline: datetime | None = None


def call_in(paths: Sequence[str]) -> Called:
    """Find the submissions in ``paths``, in order; names are made unique. Opens none of them.

    Raises ProDevError for a path where there is nothing, and for more than one roster.
    """
    sources: list[Source] = []
    rosters: list[Roster] = []
    for text in paths:
        path = Path(text)
        if is_address(text):
            sources.append(Source(text.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git"), text, "git"))
        elif path.is_file() and path.suffix == ".toml":
            rosters.append(read_roster(path))
            sources += [_entered(entry, path.parent) for entry in rosters[-1].submission]
        elif path.is_dir() and (path / NAME).is_file() and not (path / MARKER).is_file():
            rosters.append(read_roster(path / NAME))
            sources += [_entered(entry, path) for entry in rosters[-1].submission]
        else:
            sources += _found(path)
    if len(rosters) > 1:
        raise ProDevError("Two cohort.toml were named, and each says when work was due.", remedy="Grade one at a time.")
    if not sources:
        raise ProDevError(
            f"No submission was found in {', '.join(paths)}.", remedy="Name folders, zips or cohort.toml."
        )
    roster = rosters[0] if rosters else Roster()
    due = tuple(
        dataclasses.replace(each, deadline=each.deadline or roster.deadline)
        for each in _unique(list(dict.fromkeys(sources)))
    )
    title = roster.title or _title(paths)
    return Called(title, due, roster.late, roster.exercises)


def take_in(source: Source, exercises: Sequence[Exercise]) -> Taken:
    """Open ``source`` and take from it what ``exercises`` list. What is wrong with it becomes its ``problem``."""
    try:
        with tempfile.TemporaryDirectory(prefix="prodev-intake-") as scratch, _opened(source, Path(scratch)) as opened:
            return _take(source, opened, exercises)
    except Broken as broken:
        problem = str(broken)
    except (OSError, UnicodeError, RecursionError, MemoryError) as error:
        problem = f"It cannot be read: {error}."
    return Taken(Handed(source.name, _shown(source.origin), problem=_shown(problem)), {})


@dataclasses.dataclass(frozen=True)
class _Opened:
    tree: Tree
    at: datetime | None = None
    clock: str = ""
    commit: str = ""
    notes: tuple[str, ...] = ()


def _take(source: Source, opened: _Opened, exercises: Sequence[Exercise]) -> Taken:
    tree = opened.tree
    root = find_workspace(tree, MARKER, {exercise.module for exercise in exercises})
    candidates = {}
    for exercise in exercises:
        folder = "/".join(filter(None, (root, exercise.module, exercise.slug)))
        if not tree.children(folder):
            continue
        if isinstance(tree, GitTree):
            tree.refuse_odd_names(folder)
        candidate = gather(tree, folder, exercise)
        if candidate is not None:
            candidates[exercise.slug] = candidate
    notes = list(opened.notes)
    if isinstance(tree, GitTree) and source.commit == "" and not is_address(source.origin):
        notes += _uncommitted(Path(source.origin), root, exercises, candidates)
    at = source.at or opened.at
    if source.deadline is not None:
        notes.append(f"Handed in {utc(at)} ({'by the roster' if source.at else opened.clock})." if at else _NO_TIME)
    handed = Handed(source.name, _shown(source.origin), opened.commit, utc(at) if at else "", notes=tuple(notes))
    return Taken(handed, candidates, at, source.deadline)


_NO_TIME = "A folder does not say when it was handed in, so it counts as in time; 'at' in cohort.toml can tell."


@contextlib.contextmanager
def _opened(source: Source, scratch: Path) -> Iterator[_Opened]:
    if source.kind == "missing":
        raise Broken(f"There is nothing at {source.origin}.")
    opened = _open(source, scratch)
    with contextlib.closing(opened.tree):
        yield opened


def _open(source: Source, scratch: Path) -> _Opened:
    place = Path(source.origin)
    if source.kind == "zip":
        return _Opened(ZipTree(place), time_of(place), "by the zip's own date")
    if source.kind == "folder":
        return _Opened(FolderTree(place))
    git = clone(source.origin, scratch=scratch) if is_address(source.origin) else objects_of(place)
    if git is None:
        raise Broken(f"{source.origin} is not a git repository.")
    tree = GitTree(git, source.commit, scratch=scratch)
    return _Opened(tree, tree.at, "by the clock of whoever made the commit", tree.commit)


def _uncommitted(
    folder: Path, root: str, exercises: Sequence[Exercise], candidates: dict[str, Candidate]
) -> Iterator[str]:
    """Remarks on files that lie in the folder otherwise than in the commit that is graded."""
    if not (folder / ".git").exists():
        return
    disk = FolderTree(folder)
    for exercise in exercises:
        lying = gather(disk, "/".join(filter(None, (root, exercise.module, exercise.slug))), exercise)
        if lying is not None and lying.files != getattr(candidates.get(exercise.slug), "files", {}):
            yield f"{exercise.slug} was changed after the commit that was graded; what is not committed does not count."


def _entered(entry: Entry, beside: Path) -> Source:
    if entry.repository:
        origin = entry.repository if is_address(entry.repository) else str(beside / entry.repository)
        return Source(entry.name, origin, "git", entry.commit, entry.deadline, entry.at)
    path = beside / entry.path
    kind: Literal["folder", "zip", "missing"] = "folder" if path.is_dir() else "zip" if path.is_file() else "missing"
    return Source(entry.name, str(path), kind, "", entry.deadline, entry.at)


def _found(path: Path) -> list[Source]:
    """``path`` itself when it is a submission, or else those in it."""
    alone = _one(path)
    if alone is not None:
        return [alone]
    if not path.is_dir():
        raise ProDevError(
            f"There is no submission at {path}.", remedy="Name a folder, a zip, a git repository or a cohort.toml."
        )
    inside = sorted(each for each in path.iterdir() if not each.name.startswith((".", "__")))
    return [
        _one(each) or Source(each.name, str(each), "folder")
        for each in inside
        if each.is_dir() or each.suffix.lower() == ".zip"
    ]


def _one(path: Path) -> Source | None:
    if path.is_file() and path.suffix.lower() == ".zip":
        return Source(path.stem, str(path), "zip")
    if not path.is_dir() or path.is_symlink():
        return Source(path.name, str(path), "missing") if path.is_symlink() else None
    name = path.resolve().name.removesuffix(".git")
    git = objects_of(path)
    if git is not None and _has_commit(git):
        return Source(name, str(path), "git")
    return Source(name, str(path), "folder") if (path / MARKER).is_file() else None


def _has_commit(git: Path) -> bool:
    """Whether anything was ever committed; a folder where nothing was is graded as it lies there."""
    return (git / "packed-refs").is_file() or any((git / "refs" / "heads").rglob("*"))


def _unique(sources: Sequence[Source]) -> Iterator[Source]:
    """The same, with a few letters of the origin's digest after a name that several have."""
    count = Counter(source.name.casefold() for source in sources)
    for source in (dataclasses.replace(each, name=_shown(each.name)) for each in sources):
        if count[source.name.casefold()] == 1:
            yield source
        else:
            suffix = hashlib.sha256(repr(source).encode()).hexdigest()[:6]
            yield dataclasses.replace(source, name=f"{source.name}-{suffix}")


def _shown(text: str) -> str:
    """``text`` without the bytes that no encoding gives a meaning to."""
    return text.encode("utf-8", "replace").decode()


def _title(paths: Sequence[str]) -> str:
    return ", ".join(Path(path).resolve().stem if not is_address(path) else path for path in paths)[:100]
