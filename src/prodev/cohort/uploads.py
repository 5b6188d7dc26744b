"""A zip from a stranger: looked through before anything of it is read, and never unpacked."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path

from prodev.cohort.names import refuse_escape
from prodev.cohort.trees import MOST_ENTRIES, SKIPPED, Broken, Kind, nested, refuse_depth

MOST_BYTES = 256 * 1024 * 1024
"""Of the zip, and of all that it says it holds."""

_MOST_LISTED = 8 * 1024 * 1024
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)


class ZipTree:
    """The files of the zip at ``path``. Raises Broken for one that somebody unpacking it would regret."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = _Sparing(path)
        except OSError as error:
            raise Broken(f"The zip cannot be read: {error.strerror}.") from error
        try:
            if path.stat().st_size > MOST_BYTES:
                raise Broken(f"The zip is larger than {MOST_BYTES >> 20} MiB.")
            self._archive = zipfile.ZipFile(self._file)
            self._entries = _entries(self._archive)
            self._folders = nested({name: _kind(entry) for name, entry in self._entries.items()})
        except Broken:
            self._file.close()
            raise
        except Exception as error:  # the many ways in which zipfile meets bytes that make no zip
            self._file.close()
            raise Broken(f"The zip cannot be read: {error}.") from error

    def children(self, folder: str) -> dict[str, Kind]:
        return self._folders.get(folder, {})

    def read(self, path: str, *, most: int) -> bytes:
        entry = self._entries[path]
        if entry.flag_bits & 0x1:
            raise Broken(f"{path} is encrypted. Zip it again without a password.")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Broken(f"{path} is compressed in a way that is not read here. Zip it again with 'zip -r'.")
        try:
            with self._archive.open(entry) as stream:
                return stream.read(most)
        except _UNREADABLE as error:
            raise Broken(f"{path} cannot be read from the zip: {error}.") from error

    def close(self) -> None:
        self._archive.close()
        self._file.close()


class _Sparing(io.FileIO):
    """A file that is never read in large pieces: zipfile would take in a list of ten million entries at once."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _MOST_LISTED:
            raise Broken(f"The zip holds more than {MOST_ENTRIES} entries.")
        return super().read(-1 if size is None else size)


def time_of(path: Path) -> datetime:
    """When the zip was written, by the clock of the file system it lies on; UTC, whole seconds."""
    return datetime.fromtimestamp(int(path.stat().st_mtime), UTC)


def _entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """What may hold answers, by path. Raises Broken for what unpacks to another place, to too much, or not at all."""
    listed = archive.infolist()
    if len(listed) > MOST_ENTRIES:
        raise Broken(f"The zip holds {len(listed)} entries; {MOST_ENTRIES} are allowed.")
    declared = sum(entry.file_size for entry in listed)
    if declared > MOST_BYTES:
        raise Broken(f"The zip would unpack to {declared >> 20} MiB; {MOST_BYTES >> 20} are allowed.")
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in listed:
        refuse_escape(entry.filename)
        if "\\" in entry.filename:
            raise Broken(f"It holds {entry.filename!r}, a path with backslashes. Zip it again with another program.")
        refuse_depth(entry.filename)
        name = "/".join(part for part in entry.filename.split("/") if part not in ("", "."))
        if not name or not SKIPPED.isdisjoint(name.split("/")):
            continue
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
