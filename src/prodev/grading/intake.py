"""Take from a candidate the files that the exercise lists, and nothing else."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from prodev.course import Exercise

FILE_BYTES = 1024 * 1024
MOST_FILES = 200
_BOM = b"\xef\xbb\xbf"


@dataclasses.dataclass(frozen=True)
class Taken:
    """A candidate's tree, laid out for a run: the starter's files with the candidate's edits over them.

    ``problem`` is a sentence for the learner when a listed file could not be used; then nothing runs.
    """

    tree: Path
    digest: str
    problem: str = ""
    notes: tuple[str, ...] = ()


class _Refused(Exception):
    """A file that cannot be used; the message is a sentence for the learner."""


def take(exercise: Exercise, layers: Sequence[Path], tree: Path) -> Taken:
    """Copy the starter into ``tree`` and over it, layer by layer, the files listed in ``edit``.

    Links are not followed, sizes are capped, a byte order mark and CR LF are removed. One layer is
    a learner's folder; several are the starter, a reference and what differs from it.
    """
    _lay_out_given(exercise, tree)
    digest = hashlib.sha256()
    notes: list[str] = []
    try:
        for layer in layers:
            notes += _extra_files(exercise, layer)
            for path in _listed(exercise, layer):
                content = _content(layer, path, may_be_empty=path not in exercise.edit)
                _place(tree / path, content)
                digest.update(path.encode() + b"\0" + content + b"\0")
        _refuse_missing(exercise, layers[-1], tree)
    except _Refused as refused:
        return Taken(tree, digest.hexdigest(), str(refused), tuple(notes))
    return Taken(tree, digest.hexdigest(), notes=tuple(notes))


def _lay_out_given(exercise: Exercise, tree: Path) -> None:
    """Copy what no candidate may bring; every folder of the starter is there, if it is empty now or not."""
    for folder, names, files in os.walk(exercise.starter):
        names[:] = [name for name in names if name != "__pycache__"]
        inner = os.path.relpath(folder, exercise.starter)
        place = os.path.normpath(os.path.join(tree, inner))  # noqa: PTH118
        os.makedirs(place)  # noqa: PTH103
        shutil.copystat(folder, place)
        for name in files:
            if not exercise.is_edited(os.path.normpath(os.path.join(inner, name))):  # noqa: PTH118
                shutil.copy(os.path.join(folder, name), place)  # noqa: PTH118


def _listed(exercise: Exercise, layer: Path) -> Iterator[str]:
    count = 0
    for folder, names, files in os.walk(layer):
        names[:] = sorted(name for name in names if name not in (".git", "__pycache__", ".venv"))
        for name in sorted([*files, *(n for n in names if exercise.is_edited(_relative(layer, folder, n)))]):
            path = _relative(layer, folder, name)
            if exercise.is_edited(path) and not (name in names and any(p.endswith("**") for p in exercise.edit)):
                count += 1
                if count > MOST_FILES:
                    raise _Refused(
                        f"There are more than {MOST_FILES} files to grade. Remove what the brief does not ask for."
                    )
                yield path


def _relative(layer: Path, folder: str, name: str) -> str:
    return (Path(folder) / name).relative_to(layer).as_posix()


def _extra_files(exercise: Exercise, layer: Path) -> list[str]:
    """Remarks on source files that the learner added beside those listed."""
    if not layer.is_dir() or layer.is_relative_to(exercise.root / "solutions"):
        return []
    suffixes = {Path(path).suffix for path in exercise.edit}
    return [
        f"{path.name} is not one of the files that this exercise grades ({', '.join(exercise.edit)}); it was left out."
        for path in sorted(layer.iterdir())
        if path.suffix in suffixes
        and path.is_file()
        and not exercise.is_edited(path.name)
        and not (exercise.starter / path.name).exists()
    ]


def _content(layer: Path, path: str, *, may_be_empty: bool) -> bytes:
    content = _read(layer, path)
    if len(content) > FILE_BYTES:
        raise _Refused(f"{path} is larger than {FILE_BYTES // 1024} KiB. Keep only what the brief asks for.")
    content = content.removeprefix(_BOM).replace(b"\r\n", b"\n")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _Refused(
            f"{path} is not UTF-8: byte 0x{content[error.start]:02x} on line {line}. Save it in your editor as UTF-8."
        ) from None
    if b"\0" in content:
        raise _Refused(f"{path} holds a NUL byte: it is not a text file. Save it as UTF-8 text.")
    if not content.strip() and not may_be_empty:  # a package's markers are empty, and match a pattern
        raise _Refused(f"{path} is empty. Write your answer in it, or type: prodev reset {layer.name}")
    return content


def _read(layer: Path, path: str) -> bytes:
    """Open without following a link in any step of ``path``."""
    held = os.open(layer, os.O_RDONLY | os.O_DIRECTORY)
    try:
        *folders, name = path.split("/")
        for folder in folders:
            inner = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=held)
            os.close(held)
            held = inner
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=held)
        with os.fdopen(file, "rb") as stream:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise _Refused(f"{path} is not a file. Move what stands there away and type: prodev reset {layer.name}")
            return stream.read(FILE_BYTES + 1)
    except IsADirectoryError:
        raise _Refused(
            f"{path} is a folder, and a file is expected. Move it away and type: prodev reset {layer.name}"
        ) from None
    except OSError as error:
        if (layer / path).is_symlink():
            raise _Refused(f"{path} is a link. Put the file itself there: links are not followed.") from None
        raise _Refused(f"{path} cannot be read: {error.strerror}.") from None
    finally:
        os.close(held)


def _place(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _refuse_missing(exercise: Exercise, layer: Path, tree: Path) -> None:
    for pattern in exercise.edit:
        if "*" not in pattern and not (tree / pattern).is_file():
            raise _Refused(f"{pattern} is missing. Bring it back with: prodev reset {layer.name}")
