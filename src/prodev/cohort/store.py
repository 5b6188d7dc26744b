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
from prodev.cohort.engine import Graded
from prodev.cohort.results import CohortReport
from prodev.errors import ProDevError

RESULTS = "results.json"

_NEW = ".new-"


class Store:
    """Results and candidates in ``folder``, below ``.kept``, each in a file of its own, named by its digest.

    A file is there as a whole or not at all; one that is damaged counts as not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kept = folder / ".kept"
        self._graded = self._kept / "graded"
        self._candidates = self._kept / "candidates"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep a second run out. Raises ProDevError when one is at work, or when ``folder`` is something else."""
        self._make()
        try:
            with FileLock(self._kept / "lock", timeout=0):
                for left in (*self.folder.glob(f"{_NEW}*"), *self._kept.rglob(f"{_NEW}*")):
                    left.unlink()  # by a run that was killed while it wrote
                yield
        except Timeout:
            raise ProDevError(
                f"Another 'prodev grade' is at work in {self.folder}.",
                remedy="Wait until it has ended, or give this one a folder of its own: --out FOLDER",
            ) from None

    def keep_candidate(self, candidate: Candidate) -> str:
        """Keep ``candidate`` and return its digest."""
        digest = candidate.digest
        path = self._place(digest)
        if self.find_candidate(digest) is None:
            path.parent.mkdir(exist_ok=True)
            write_atomically(path, candidate.packed(), durable=False)
        return digest

    def candidate(self, digest: str) -> Candidate:
        """As ``find_candidate``; raises ProDevError for None."""
        candidate = self.find_candidate(digest)
        if candidate is None:
            raise ProDevError(
                f"The files with digest {digest[:12]} are no longer in {self.folder}.", remedy="Grade again."
            )
        return candidate

    def keep(self, graded: Graded) -> None:
        """Write a result down, through to the disk."""
        path = self._graded / graded.exercise / f"{graded.key}.json"
        path.parent.mkdir(exist_ok=True)
        write_atomically(path, msgspec.json.format(msgspec.json.encode(graded), indent=2))

    def graded(self, exercise: str, key: str) -> Graded | None:
        """The result with that ``key``, if it is known."""
        try:
            found = msgspec.json.decode((self._graded / exercise / f"{key}.json").read_bytes(), type=Graded)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None
        return found if (found.exercise, found.key) == (exercise, key) else None

    def find_candidate(self, digest: str) -> Candidate | None:
        """The candidate kept as ``digest``; None when it is not there any more."""
        try:
            candidate = unpacked(self._place(digest).read_bytes())
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None
        return candidate if candidate.digest == digest else None

    def _place(self, digest: str) -> Path:
        return self._candidates / digest[:2] / f"{digest}.msgpack"

    def _make(self) -> None:
        if self.folder.is_dir() and any(self.folder.iterdir()) and not self._kept.is_dir():
            raise ProDevError(
                f"{self.folder} is not empty, and is no results folder.", remedy="Name another: --out FOLDER"
            )
        for folder in (self._graded, self._candidates):
            folder.mkdir(parents=True, exist_ok=True)
        ignored = self.folder / ".gitignore"
        if not ignored.exists():
            write_atomically(ignored, b"*\n", durable=False)


def read_results(place: Path) -> CohortReport:
    """The report of an earlier run: ``place`` is its folder, or its ``results.json``. Raises ProDevError."""
    path = place / RESULTS if place.is_dir() else place
    try:
        return msgspec.json.decode(path.read_bytes(), type=CohortReport)
    except OSError:
        raise ProDevError(
            f"There are no results in {place}.", remedy="Name the folder that an earlier 'prodev grade' wrote."
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProDevError(f"{path} is no report of 'prodev grade': {error}.", remedy="Grade again.") from None


def write_atomically(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Make ``path`` hold ``content``: before, it holds what it held, and never a part. ``durable``: on the disk."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=_NEW)
    new = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        new.chmod(0o644)
        new.replace(path)
    except BaseException:
        with suppress(OSError):
            new.unlink()
        raise
