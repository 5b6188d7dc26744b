"""The results folder: what was graded stays graded, whoever is killed when."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from prodev.cohort.candidates import Candidate, unpacked
from prodev.cohort.engine import Graded, Job
from prodev.errors import ProDevError

RESULTS = "results.json"


class Store:
    """Results and candidates below ``folder``, each in a file of its own, named by its digest.

    A file is there as a whole or not at all; one that is damaged counts as not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._graded = folder / "graded"
        self._candidates = folder / "candidates"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep a second run out. Raises ProDevError when one is at work, or when ``folder`` is something else."""
        self._make()
        try:
            with FileLock(self.folder / ".lock", timeout=0):
                yield
        except Timeout:
            raise ProDevError(
                f"Another 'prodev grade' is at work in {self.folder}.",
                remedy="Wait until it has ended, or give this one a folder of its own: --out FOLDER",
            ) from None

    def keep_candidate(self, candidate: Candidate) -> str:
        """Keep ``candidate`` and return its digest."""
        digest = candidate.digest
        path = self._candidates / digest[:2] / f"{digest}.msgpack"
        if not path.is_file():
            path.parent.mkdir(exist_ok=True)
            write_atomically(path, candidate.packed(), durable=False)
        return digest

    def candidate(self, digest: str) -> Candidate:
        """The candidate kept as ``digest``. Raises ProDevError when it is not there any more."""
        try:
            candidate = unpacked((self._candidates / digest[:2] / f"{digest}.msgpack").read_bytes())
        except (OSError, msgspec.DecodeError, msgspec.ValidationError):
            candidate = None
        if candidate is None or candidate.digest != digest:
            raise ProDevError(
                f"The files with digest {digest[:12]} are no longer in {self.folder}.", remedy="Grade again."
            )
        return candidate

    def keep(self, graded: Graded) -> None:
        """Write a result down, through to the disk."""
        path = self._path(graded.exercise, graded.key)
        path.parent.mkdir(exist_ok=True)
        write_atomically(path, msgspec.json.format(msgspec.json.encode(graded), indent=2))

    def graded(self, job: Job) -> Graded | None:
        """The result of ``job``, if it is known."""
        try:
            found = msgspec.json.decode(self._path(job.exercise, job.key).read_bytes(), type=Graded)
        except (OSError, msgspec.DecodeError, msgspec.ValidationError):
            return None
        return found if found.key == job.key else None

    def _path(self, exercise: str, key: str) -> Path:
        return self._graded / exercise / f"{key}.json"

    def _make(self) -> None:
        if self.folder.is_dir() and any(self.folder.iterdir()) and not self._graded.is_dir():
            raise ProDevError(
                f"{self.folder} is not empty, and is no results folder.", remedy="Name another: --out FOLDER"
            )
        for folder in (self._graded, self._candidates):
            folder.mkdir(parents=True, exist_ok=True)
        ignored = self.folder / ".gitignore"
        if not ignored.exists():
            write_atomically(ignored, b"*\n", durable=False)


def write_atomically(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Make ``path`` hold ``content``: before, it holds what it held, and never a part. ``durable``: on the disk."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
