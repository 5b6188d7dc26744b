"""Services for one exercise: a database of its own for each run."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from prodev.course import Exercise
from prodev.errors import Unavailable


class Shelf:
    """Leases of the services that ``exercise`` names, as plain data for a judge.

    Nobody waits for housekeeping: a database that was used is dropped in the background.
    """

    def __init__(self, exercise: Exercise) -> None:
        self._exercise = exercise
        self._engine: Any = None
        self._template: Any = None
        self._used: list[dict[str, Any]] = []
        self._housekeeper: threading.Thread | None = None
        self._lock = threading.Lock()

    @contextmanager
    def lease(self) -> Iterator[dict[str, dict[str, Any]]]:
        """Hand out one lease for each service, or the problem that keeps it away; take it back afterwards."""
        if not self._exercise.services:
            yield {}
            return
        try:
            lease = self._make()
        except Unavailable as error:
            yield {"postgres": {"problem": error.problem, "remedy": error.remedy}}
            return
        try:
            yield {"postgres": lease}
        finally:
            self._used.append(lease)
            if self._housekeeper is None or not self._housekeeper.is_alive():
                self._housekeeper = threading.Thread(target=self._keep_house, daemon=True)
                self._housekeeper.start()

    def close(self) -> None:
        """Give everything back."""
        if self._housekeeper is not None:
            self._housekeeper.join()
        for lease in self._used:
            self._release(lease)
        if self._engine is not None:
            self._engine.close()

    def _keep_house(self) -> None:
        while self._used:
            self._release(self._used.pop())

    def _make(self) -> dict[str, Any]:
        with self._lock:
            if self._engine is None:
                from prodev.testbed import find_engine

                self._engine = find_engine(os.environ)
                self._template = _template(self._engine, self._exercise)
        lease: dict[str, Any] = self._engine.lease(self._template).to_json()
        return lease

    def _release(self, lease: dict[str, Any]) -> None:
        from prodev.testbed import Lease

        self._engine.release(Lease.from_json(lease))


def _template(engine: Any, exercise: Exercise) -> Any:
    """What a run's database begins as: ``tests/database.sql``, the application's migrations, or nothing."""
    setup = exercise.tests / "database.sql"
    if setup.is_file():
        return engine.template(exercise.slug, setup.read_text(encoding="utf-8"))
    if exercise.app is None:
        return engine.template(exercise.slug)
    migrations = _digest_of(exercise.starter)
    return engine.template(exercise.slug, lambda url: _migrate(exercise.starter, url), version=migrations)


def _digest_of(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("migrations/*.py")):
        digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _migrate(project: Path, url: str) -> None:
    command = [sys.executable, "-B", "manage.py", "migrate", "--no-input", "-v", "0"]
    done = subprocess.run(
        command, cwd=project, env={**os.environ, "DATABASE_URL": url}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Unavailable(f"The migrations of {project} failed: {done.stderr.strip()[-600:]}")
