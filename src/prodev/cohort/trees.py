"""A folder of files from a stranger, read without trusting it: on disk here, in zips and in git beside this."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, Protocol

Kind = Literal["file", "folder", "link", "other"]

SKIPPED = frozenset({".git", ".hg", ".venv", "venv", "__pycache__", "__MACOSX", "node_modules"})
"""Folders that hold no answers, however they are handed in."""

MOST_ENTRIES = 20_000
"""Entries of one upload, or of one exercise's folder: whoever has more did not mean to hand them in."""

DEEPEST = 30
"""Folders within folders."""


class Broken(Exception):
    """A submission, or one exercise of it, cannot be used; the message is a sentence for the mentor."""


class Tree(Protocol):
    """What was handed in. Paths are relative, with ``/``; the top is ``""``."""

    def children(self, folder: str) -> Mapping[str, Kind]:
        """Names in ``folder``, each with what it is; empty where there is no such folder."""

    def read(self, path: str, *, most: int) -> bytes:
        """At most ``most`` bytes of the file at ``path``. Raises Broken or OSError."""

    def close(self) -> None:
        """Let go of what is open."""


class FolderTree:
    """Files on disk. No link is followed, in no part of a path below ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def children(self, folder: str) -> dict[str, Kind]:
        try:
            held = self._open_folder(folder)
        except OSError:
            return {}
        try:
            with os.scandir(held) as entries:
                kinds = {entry.name: _kind(entry.stat(follow_symlinks=False)) for entry in entries}
            return dict(sorted(kinds.items()))
        finally:
            os.close(held)

    def read(self, path: str, *, most: int) -> bytes:
        folder, _, name = path.rpartition("/")
        held = self._open_folder(folder)
        try:
            file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=held)
        finally:
            os.close(held)
        with os.fdopen(file, "rb") as stream:
            return stream.read(most)

    def close(self) -> None:
        pass

    def _open_folder(self, folder: str) -> int:
        held = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        for name in filter(None, folder.split("/")):
            try:
                inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=held)
            finally:
                os.close(held)
            held = inner
        return held


def _kind(found: os.stat_result) -> Kind:
    if stat.S_ISREG(found.st_mode):
        return "file"
    if stat.S_ISDIR(found.st_mode):
        return "folder"
    return "link" if stat.S_ISLNK(found.st_mode) else "other"


def nested(kinds: Mapping[str, Kind]) -> dict[str, dict[str, Kind]]:
    """From paths and what they are: for each folder, its children. Folders that only a path implies are there too."""
    folders: dict[str, dict[str, Kind]] = {"": {}}
    for path, kind in sorted(kinds.items()):
        refuse_depth(path)
        parent = ""
        *above, name = path.split("/")
        for part in above:
            folders[parent].setdefault(part, "folder")
            parent = f"{parent}/{part}" if parent else part
            folders.setdefault(parent, {})
        folders[parent][name] = kind
        if kind == "folder":
            folders.setdefault(path, {})
    return folders


def refuse_depth(path: str) -> None:
    """Raise Broken for a path that goes deeper than DEEPEST."""
    if path.count("/") > DEEPEST:
        raise Broken(f"It holds folders more than {DEEPEST} deep.")


def walk(tree: Tree, folder: str) -> Iterator[tuple[str, Kind]]:
    """Everything below ``folder`` but SKIPPED, by path relative to it, in order. Raises Broken when it is too much."""
    waiting = [""]
    count = 0
    while waiting:
        inner = waiting.pop(0)
        for name, kind in tree.children("/".join(filter(None, (folder, inner)))).items():
            if name in SKIPPED:
                continue
            count += 1
            if count > MOST_ENTRIES:
                raise Broken(f"{folder or 'It'} holds more than {MOST_ENTRIES} files.")
            path = f"{inner}/{name}" if inner else name
            refuse_depth(path)
            yield path, kind
            if kind == "folder":
                waiting.append(path)
