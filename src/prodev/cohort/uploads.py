"""A zip from a stranger: looked through before anything of it is read, and never unpacked."""

from __future__ import annotations

import stat
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path

from prodev.cohort.names import refuse_escape, refuse_odd
from prodev.cohort.trees import MOST_ENTRIES, SKIPPED, Broken, Kind, nested, refuse_depth

MOST_BYTES = 256 * 1024 * 1024
"""Of the zip, and of all that it says it holds."""


class ZipTree:
    """The files of the zip at ``path``. Raises Broken for one that cannot be trusted."""

    def __init__(self, path: Path) -> None:
        try:
            if path.stat().st_size > MOST_BYTES:
                raise Broken(f"The zip is larger than {MOST_BYTES >> 20} MiB.")
            self._archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, UnicodeError) as error:
            raise Broken(f"The zip cannot be read: {error}.") from error
        try:
            self._entries = _entries(self._archive)
        except Broken:
            self._archive.close()
            raise
        kinds: dict[str, Kind] = {name: _kind(entry) for name, entry in self._entries.items()}
        self._folders = nested(kinds)

    def children(self, folder: str) -> dict[str, Kind]:
        return self._folders.get(folder, {})

    def read(self, path: str, *, most: int) -> bytes:
        try:
            with self._archive.open(self._entries[path]) as stream:
                return stream.read(most)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise Broken(f"{path} cannot be read from the zip: {error}.") from error

    def close(self) -> None:
        self._archive.close()


def time_of(path: Path) -> datetime:
    """When the zip was written, by the clock of the file system it lies on; UTC, whole seconds."""
    return datetime.fromtimestamp(int(path.stat().st_mtime), UTC)


def _entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """What may hold answers, by path. Raises Broken for anything that somebody unpacking it would regret."""
    listed = archive.infolist()
    if len(listed) > MOST_ENTRIES:
        raise Broken(f"The zip holds {len(listed)} entries; {MOST_ENTRIES} are allowed.")
    declared = sum(entry.file_size for entry in listed)
    if declared > MOST_BYTES:
        raise Broken(f"The zip would unpack to {declared >> 20} MiB; {MOST_BYTES >> 20} are allowed.")
    for entry in listed:
        refuse_escape(entry.filename)
        refuse_depth(entry.filename)
    kept = [entry for entry in listed if SKIPPED.isdisjoint(entry.filename.split("/"))]
    refuse_odd(entry.filename for entry in kept)
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in kept:
        name = entry.filename.rstrip("/")
        if _kind(entry) in ("link", "other"):
            raise Broken(f"The zip holds a link or a device, {name!r}. Put the files themselves into it.")
        if entry.flag_bits & 0x1:
            raise Broken(f"{name!r} is encrypted. Zip it again without a password.")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Broken(f"{name!r} is compressed in a way that is not read here. Zip it again with 'zip -r'.")
        if name in entries and not (entry.is_dir() and entries[name].is_dir()):
            raise Broken(f"The zip holds {name!r} twice.")
        entries[name] = entry
    _refuse_files_in_files(entries)
    return entries


def _refuse_files_in_files(entries: dict[str, zipfile.ZipInfo]) -> None:
    for name in entries:
        parts = name.split("/")
        for depth in range(1, len(parts)):
            above = entries.get("/".join(parts[:depth]))
            if above is not None and not above.is_dir():
                raise Broken(f"{above.filename!r} is both a file and a folder in the zip.")


def _kind(entry: zipfile.ZipInfo) -> Kind:
    mode = entry.external_attr >> 16
    if entry.is_dir():
        return "folder"
    if stat.S_ISLNK(mode):
        return "link"
    return "file" if stat.S_IFMT(mode) in (0, stat.S_IFREG) else "other"
