"""Services for one exercise: databases of its own for each run."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from prodev.course import Exercise
from prodev.errors import Unavailable


class Shelf:
    """Leases of the services that ``exercise`` names, as plain data for a judge; ``again`` for more than one candidate.

    With ``again`` a web application's database serves one candidate after another, as long as it can be brought
    back to what it was. Nobody waits for housekeeping: any other that was used is dropped in the background.
    """

    def __init__(self, exercise: Exercise, *, again: bool = False) -> None:
        self._exercise = exercise
        self._again = again and exercise.app is not None
        self._engine: Any = None
        self._template: Any = None
        self._mysql: Any = None
        self._lent: dict[str, Any] = {}
        self._free: list[Any] = []
        self._used: list[tuple[str, dict[str, Any]]] = []
        self._housekeeper: threading.Thread | None = None
        self._lock = threading.Lock()

    @contextmanager
    def lease(self, kept: Sequence[int] = ()) -> Iterator[dict[str, dict[str, Any]]]:
        """Hand out one lease for each service, or the problem that keeps it away; take it back afterwards.

        By then ``kept`` has the server's processes whose sessions a judge keeps for the next.
        """
        leases: dict[str, dict[str, Any]] = {}
        makers = {"postgres": self._make, "mysql": self._make_mysql}
        try:
            for name in (*self._exercise.services, *self._exercise.optional_services):
                try:
                    leases[name] = makers[name]()
                except Unavailable as error:
                    leases[name] = {"problem": error.problem, "remedy": error.remedy}
            yield leases
        finally:
            for name, lease in leases.items():
                self._take_back(name, lease, kept)
            if self._used and (self._housekeeper is None or not self._housekeeper.is_alive()):
                self._housekeeper = threading.Thread(target=self._keep_house, daemon=True)
                self._housekeeper.start()

    def close(self) -> None:
        """Give everything back."""
        if self._housekeeper is not None:
            self._housekeeper.join()
        for turnover in (*self._free, *self._lent.values()):
            self._give_up(turnover)
        for name, lease in self._used:
            self._release(name, lease)
        for server in (self._engine, self._mysql):
            if server is not None:
                server.close()

    def _take_back(self, name: str, lease: dict[str, Any], kept: Sequence[int]) -> None:
        turnover = self._lent.pop(lease.get("name", ""), None)
        if turnover is not None:
            turnover.kept = list(kept)
            self._free.append(turnover)
        elif "problem" not in lease:
            self._used.append((name, lease))

    def _give_up(self, turnover: Any) -> None:
        turnover.close()
        self._used.append(("postgres", turnover.lease.to_json()))

    def _keep_house(self) -> None:
        while self._used:
            self._release(*self._used.pop())

    def _make(self) -> dict[str, Any]:
        with self._lock:
            if self._engine is None:
                from prodev.testbed import find_engine

                self._engine = find_engine(os.environ)
                self._template = _template(self._engine, self._exercise)
        turnover = self._one_as_new() if self._again else None
        lease: dict[str, Any] = (turnover.lease if turnover else self._engine.lease(self._template)).to_json()
        return lease

    def _one_as_new(self) -> Any:
        """A database that has served and is as it was, or a new one; None where that cannot be told of it."""
        from prodev.testbed import Turnover

        while self._free:
            turnover = self._free.pop()
            if turnover.is_as_new():
                break
            self._give_up(turnover)
        else:
            turnover = Turnover(self._engine, self._engine.lease(self._template))
        if not turnover.is_possible:
            self._give_up(turnover)
            self._again = False
            return None
        self._lent[turnover.lease.name] = turnover
        return turnover

    def _make_mysql(self) -> dict[str, Any]:
        with self._lock:
            if self._mysql is None:
                from prodev.testbed.mysql import find_mysql

                self._mysql = find_mysql(os.environ)
        setup = self._exercise.tests / "mysql.sql"
        lease: dict[str, Any] = self._mysql.lease(setup.read_text(encoding="utf-8")).to_json()
        return lease

    def _release(self, name: str, lease: dict[str, Any]) -> None:
        if name == "mysql":
            from prodev.testbed.mysql import MySqlLease

            self._mysql.release(MySqlLease.from_json(lease))
            return
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
