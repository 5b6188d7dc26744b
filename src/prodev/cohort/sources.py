"""Find every submission in the paths that a mentor names, and take from each what the exercises list."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
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

_OTHER_ARCHIVES = frozenset({".7z", ".bz2", ".gz", ".rar", ".tar", ".tgz", ".xz", ".zst"})
_NO_TIME = "A folder does not say when it was handed in, so it counts as in time; 'at' in cohort.toml can tell."


@dataclasses.dataclass(frozen=True)
class Source:
    """Where one submission is, not yet opened. ``at`` and ``deadline`` are what a roster says of it.

    ``problem`` is not empty where it is known already that nothing can be opened.
    """

    name: str
    origin: str
    kind: Literal["folder", "zip", "git"]
    commit: str = ""
    deadline: datetime | None = None
    at: datetime | None = None
    problem: str = ""


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


def call_in(paths: Sequence[str], *, modules: frozenset[str] = frozenset(), apart_from: Path | None = None) -> Called:
    """Find the submissions in ``paths``, in order; names are made unique. Opens none of them.

    A folder that holds one of ``modules`` is a workspace. ``apart_from`` is a folder that is no submission.
    Raises ProDevError for a path where there is nothing, and for more than one roster.
    """
    sources: list[Source] = []
    rosters: list[Roster] = []
    for text in paths:
        listed = _roster_at(Path(text))
        if listed is not None:
            rosters.append(read_roster(listed))
            sources += [_entered(entry, listed.parent) for entry in rosters[-1].submission]
        else:
            sources += _found(text, modules, apart_from)
    if len(rosters) > 1:
        raise ProDevError("Two cohort.toml were named, and each says when work was due.", remedy="Grade one at a time.")
    if not sources:
        raise ProDevError(
            f"No submission was found in {', '.join(paths)}.", remedy="Name folders, zips or cohort.toml."
        )
    roster = rosters[0] if rosters else Roster()
    due = tuple(
        dataclasses.replace(each, deadline=each.deadline or roster.deadline)
        for each in _with_names_of_their_own(list(dict.fromkeys(sources)))
    )
    return Called(roster.title or _title(paths), due, roster.late, roster.exercises)


def take_in(source: Source, exercises: Sequence[Exercise]) -> Taken:
    """Open ``source`` and take from it what ``exercises`` list. What is wrong with it becomes its ``problem``."""
    try:
        if source.problem:
            raise Broken(source.problem)
        with tempfile.TemporaryDirectory(prefix="prodev-intake-") as scratch, _opened(source, Path(scratch)) as opened:
            return _take(source, opened, exercises)
    except Broken as broken:
        problem = str(broken)
    except Exception as error:  # whatever a stranger made of it, it must not end the cohort
        problem = f"It cannot be read: {type(error).__name__}: {error}."
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
        candidate = gather(tree, _folder_of(exercise, root), exercise)
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


@contextlib.contextmanager
def _opened(source: Source, scratch: Path) -> Iterator[_Opened]:
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


def _folder_of(exercise: Exercise, root: str) -> str:
    return "/".join(filter(None, (root, exercise.module, exercise.slug)))


def _uncommitted(
    folder: Path, root: str, exercises: Sequence[Exercise], candidates: dict[str, Candidate]
) -> Iterator[str]:
    """Remarks on files that lie in the folder otherwise than in the commit that is graded."""
    if not (folder / ".git").exists():
        return
    disk = FolderTree(folder)
    for exercise in exercises:
        lying = gather(disk, _folder_of(exercise, root), exercise)
        if lying is not None and _lines(lying) != _lines(candidates.get(exercise.slug, Candidate({}))):
            yield f"{exercise.slug} was changed after the commit that was graded; what is not committed does not count."


def _lines(candidate: Candidate) -> dict[str, bytes]:
    """The files with the line ends that git gives them."""
    return {path: content.replace(b"\r\n", b"\n") for path, content in candidate.files.items()}


def _roster_at(path: Path) -> Path | None:
    if path.is_file() and path.suffix == ".toml":
        return path
    inside = path / NAME
    return inside if inside.is_file() and not (path / MARKER).is_file() else None


def _entered(entry: Entry, beside: Path) -> Source:
    if entry.repository:
        origin = entry.repository if is_address(entry.repository) else str(beside / entry.repository)
        return Source(entry.name, origin, "git", entry.commit, entry.deadline, entry.at)
    path = beside / entry.path
    problem = "" if path.exists() else f"There is nothing at {path}."
    return Source(entry.name, str(path), "folder" if path.is_dir() else "zip", "", entry.deadline, entry.at, problem)


def _found(text: str, modules: frozenset[str], apart_from: Path | None) -> list[Source]:
    """What ``text`` names, a ``#commit`` at its end included: one submission, or those in a folder."""
    place, _, commit = (text, "", "") if Path(text).exists() else text.partition("#")
    if is_address(place):
        return [Source(place.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git"), place, "git", commit)]
    path = Path(place)
    alone = _alone(path, modules)
    if commit and (alone is None or alone.kind != "git"):
        raise ProDevError(f"{path} is no git repository, so it has no commit {commit}.", remedy=f"Type {place} alone.")
    if alone is not None:
        return [dataclasses.replace(alone, name=path.resolve().name.removesuffix(".git"), commit=commit)]
    if not path.is_dir():
        said = f"{path} is no submission." if path.exists() else f"There is nothing at {path}."
        raise ProDevError(said, remedy="Name a folder, a zip, a git repository or a cohort.toml.")
    own = apart_from.resolve() if apart_from else None
    inside = [each for each in sorted(path.iterdir()) if not each.name.startswith((".", "__"))]
    return [source for each in inside if each.resolve() != own and (source := _inside(each, modules))]


def _inside(path: Path, modules: frozenset[str]) -> Source | None:
    """The submission that ``path``, in a folder of submissions, is; None for a file beside them."""
    is_archive = path.suffix.lower() in _OTHER_ARCHIVES
    if path.is_symlink():
        problem = "It is a link. Put the folder or the zip itself there."
        return Source(path.name, str(path), "folder", problem=problem) if path.is_dir() or is_archive else None
    if is_archive and path.is_file():
        problem = f"It is a {path.suffix} file, and only zips are opened. Unpack it, or ask for a zip."
        return Source(path.name, str(path), "zip", problem=problem)
    alone = _alone(path, modules)
    if alone is not None or not path.is_dir():
        return alone
    zips = [each for each in path.iterdir() if each.suffix.lower() == ".zip" and each.is_file()]
    if len(zips) == 1:  # as a learning platform packs what was uploaded to it
        return Source(path.name, str(zips[0]), "zip")
    return Source(path.name, str(path), "folder")


def _alone(path: Path, modules: frozenset[str]) -> Source | None:
    """``path`` as one submission; None where it is none, or a folder that may hold several."""
    if path.is_file():
        return Source(path.stem, str(path), "zip") if path.suffix.lower() == ".zip" else None
    git = objects_of(path)
    if git is not None and _has_commit(git):
        return Source(path.name.removesuffix(".git"), str(path), "git")
    is_workspace = (path / MARKER).is_file() or any((path / name).is_dir() for name in modules)
    return Source(path.name, str(path), "folder") if is_workspace else None


def _has_commit(git: Path) -> bool:
    """Whether anything was ever committed; a folder where nothing was is graded as it lies there."""
    return (git / "packed-refs").is_file() or any((git / "refs" / "heads").rglob("*"))


def _with_names_of_their_own(sources: Sequence[Source]) -> list[Source]:
    """The same; where several have one name, with the folder or owner before it, and then with a few letters."""
    named = [dataclasses.replace(each, name=_shown(each.name)) for each in sources]
    return _told_apart(_told_apart(named, _with_owner), _with_letters)


def _told_apart(sources: Sequence[Source], rename: Callable[[Source], str]) -> list[Source]:
    count = Counter(each.name.casefold() for each in sources)
    return [
        each if count[each.name.casefold()] == 1 else dataclasses.replace(each, name=rename(each)) for each in sources
    ]


def _with_owner(source: Source) -> str:
    place = source.origin if is_address(source.origin) else str(Path(source.origin).resolve())
    return _shown("/".join(place.rstrip("/").replace(":", "/").split("/")[-2:])).removesuffix(".git")


def _with_letters(source: Source) -> str:
    return f"{source.name}-{hashlib.sha256(repr(source).encode('utf-8', 'replace')).hexdigest()[:6]}"


def _shown(text: str) -> str:
    """``text`` without the bytes that no encoding gives a meaning to."""
    return text.encode("utf-8", "replace").decode()


def _title(paths: Sequence[str]) -> str:
    return _shown(", ".join(path if is_address(path) else Path(path).resolve().stem for path in paths)[:100])
