"""What one submission holds for one exercise: the listed files, in bounded bytes that can be kept and sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

import msgspec

from prodev.cohort.names import refuse_odd
from prodev.cohort.trees import Broken, Kind, Tree, walk
from prodev.course import Exercise
from prodev.grading.intake import FILE_BYTES, MOST_FILES

MOST_BYTES = 4 * 1024 * 1024
"""Of all files of one candidate together: it travels in one message."""

_MOST_REMARKED = 20


class Candidate(msgspec.Struct, frozen=True):
    """The files that an exercise takes, by path, each cut one byte above what the grader accepts.

    ``links`` and ``folders`` are listed paths where a link or a folder stands instead of a file, and
    ``beside`` names files next to them that the exercise does not take: the grader refuses the former
    and remarks on the latter. ``problem`` is not empty when there is too much to take.
    """

    files: dict[str, bytes]
    links: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    problem: str = ""

    @property
    def digest(self) -> str:
        """Equal for equal candidates, and for no others."""
        return hashlib.sha256(self.packed()).hexdigest()

    def packed(self) -> bytes:
        """As one message; equal candidates give equal bytes."""
        return msgspec.msgpack.encode(self, order="deterministic")

    def lay_out(self, folder: Path) -> None:
        """Write it below ``folder``, which is new."""
        folder.mkdir(parents=True)
        for name in self.beside:
            (folder / name).touch()
        for path in self.links:
            _made(folder / path).symlink_to("nowhere")
        for path in self.folders:
            (folder / path).mkdir(parents=True, exist_ok=True)
        for path, content in self.files.items():
            _made(folder / path).write_bytes(content)


def unpacked(message: bytes) -> Candidate:
    """The inverse of ``Candidate.packed``."""
    return msgspec.msgpack.decode(message, type=Candidate)


def gather(tree: Tree, folder: str, exercise: Exercise) -> Candidate | None:
    """Take from ``folder`` of ``tree`` what ``exercise`` lists; None when the learner has no such folder.

    What cannot be taken costs this exercise only: the candidate's ``problem`` says why.
    """
    if not tree.children(folder):
        return None
    try:
        return _gathered(tree, folder, exercise)
    except Broken as broken:
        return Candidate({}, problem=_legal(str(broken)))
    except OSError as error:
        return Candidate({}, problem=f"A file cannot be read: {error.strerror}.")


def _gathered(tree: Tree, folder: str, exercise: Exercise) -> Candidate:
    found = dict(walk(tree, folder))
    refuse_odd(found, near=exercise.is_edited)
    listed = {path: kind for path, kind in found.items() if exercise.is_edited(path)}
    files: dict[str, bytes] = {}
    room = MOST_BYTES
    for path in (path for path, kind in listed.items() if kind == "file"):
        files[path] = tree.read(f"{folder}/{path}", most=FILE_BYTES + 1)
        room -= len(files[path])
        if len(files) > MOST_FILES:
            raise Broken(f"There are more than {MOST_FILES} files to grade.")
        if room < 0:
            raise Broken(f"The files to grade are larger than {MOST_BYTES >> 20} MiB together.")
    takes_folders = any(pattern.endswith("**") for pattern in exercise.edit)
    return Candidate(
        files,
        links=tuple(path for path, kind in listed.items() if kind in ("link", "other")),
        folders=tuple(path for path, kind in listed.items() if kind == "folder" and not takes_folders),
        beside=tuple(_sources_beside(found, exercise))[:_MOST_REMARKED],
    )


def _sources_beside(found: Mapping[str, Kind], exercise: Exercise) -> Iterator[str]:
    """Files that look like a part of the answer and are not listed; the grader remarks on them."""
    suffixes = {PurePosixPath(pattern).suffix for pattern in exercise.edit}
    for path, kind in sorted(found.items()):
        alike = "/" not in path and PurePosixPath(path).suffix in suffixes
        if alike and kind == "file" and _is_plain(path) and not exercise.is_edited(path):
            yield path


def layered(exercise: Exercise, layers: Sequence[Path]) -> Candidate:
    """An author's candidate: folders over one another, as ``grading.layers_of`` gives them."""
    return Candidate({path: (layer / path).read_bytes() for layer in layers for path in exercise.edited_files(layer)})


def find_workspace(tree: Tree, marker: str, modules: set[str]) -> str:
    """The folder of ``tree`` that is a workspace: the top, or one below it. Raises Broken when none or several are.

    It holds ``marker``; where none does, it holds folders named as ``modules``.
    """
    below = [name for name, kind in tree.children("").items() if kind == "folder" and not name.startswith((".", "__"))]
    folders = {name: tree.children(name) for name in ("", *below)}
    marked = [name for name, held in folders.items() if held.get(marker) == "file"]
    likely = marked or [name for name, held in folders.items() if modules & held.keys()]
    if "" in likely:
        return ""
    if len(likely) > 1:
        raise Broken(f"It holds more than one workspace: {', '.join(sorted(likely))}. Hand in one.")
    if not likely:
        raise Broken(f"No workspace was found in it: a folder with {marker}, as 'prodev init' makes it.")
    return likely[0]


def _is_plain(name: str) -> bool:
    return len(name.encode("utf-8", "replace")) < 200 and name.isprintable()


def _legal(text: str) -> str:
    """``text`` without the bytes of names that no encoding gives a meaning to."""
    return text.encode("utf-8", "replace").decode()


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
