"""The fixture ``database``: one leased database, as suites see it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from prodev.errors import ProDevError
from prodev.testbed import answer, rows
from prodev.testbed.answer import Result
from prodev.testbed.plan import Plan
from prodev.testbed.refusals import as_refused
from prodev.testbed.refused import SqlRefused

if TYPE_CHECKING:
    from typing import Self

    from prodev.testbed.engine import Connection, Engine
    from prodev.testbed.leases import Lease
    from prodev.testbed.querylog import QueryLog
    from prodev.testbed.resting import Resting
    from prodev.testbed.tap import Overlook, Tap


_SELF_INFLICTED = "too many connections for role"


class Database:
    """A leased database; everything here runs as the candidate's role, except ``reset``.

    Pass the ``engine`` where there is one; without it, ``reset`` looks for it by the environment.
    ``tap_folder`` is where the candidate's socket is made, for a candidate that sees few folders;
    ``overlook`` names processes whose statements are not logged, as ``Tap`` has it. Our own session comes from
    ``resting``, and goes back there in the end if no SQL of a candidate's has been run on it.
    Close it, or use it in a ``with`` statement: it closes the connections it gave out.
    """

    def __init__(
        self,
        lease: Lease,
        *,
        engine: Engine | None = None,
        tap_folder: Path | None = None,
        overlook: Overlook | None = None,
        resting: Resting | None = None,
    ) -> None:
        self.lease = lease
        self._engine = engine
        self._found_engine: Engine | None = None
        self._tap_folder = tap_folder
        self._overlook = overlook
        self._resting = resting
        self._tap: Tap | None = None
        self._given: list[Connection] = []
        self._own: Connection | None = None
        self._patience = answer.Patience()

    def __repr__(self) -> str:
        return f"<Database {self.lease.name} on {self.lease.served}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def served(self) -> str:
        """Name the engine, for the report."""
        return self.lease.served

    @property
    def url(self) -> str:
        """Return what the candidate's process is given as ``DATABASE_URL``: a way in that is counted."""
        return self._tapped().url

    def statements(self) -> AbstractContextManager[QueryLog]:
        """Log, while the block runs, what is executed over ``url``; our own connections are not logged."""
        return self._tapped().statements()

    def _tapped(self) -> Tap:
        if self._tap is None:
            from prodev.testbed.tap import Tap

            self._tap = Tap(self.lease, folder=self._tap_folder, overlook=self._overlook)
        return self._tap

    def connect(self, autocommit: bool = False) -> Connection:
        """Open a plain DB-API connection; it is closed with the fixture at the latest."""
        connection = self._open(autocommit=autocommit)
        self._given.append(connection)
        return connection

    def load(self, tables: Mapping[str, Sequence[Mapping[str, object]]]) -> None:
        """Replace the content of the tables named by these rows, in this order; referenced tables come first.

        Sequences restart after the largest value loaded. Tables that refer to these are emptied as well.

        Raises ``SqlRefused`` where the candidate's tables will not take the rows.
        """
        with self._session() as connection:
            try:
                with connection.transaction():
                    rows.load(connection, tables)
            except psycopg.Error as error:
                raise as_refused(error, doing="loading this test's rows", connection=connection) from error

    def run(self, sql: str, /, *, commit: bool = False, **params: object) -> Result:
        """Run the candidate's SQL in a transaction that is rolled back, unless ``commit``; return the last result.

        ``:name`` in the text stands for the parameter ``name``. ``BEGIN``, ``COMMIT`` and ``ROLLBACK`` in the
        text mark savepoints, so that what it does is seen here as it would be and still undone afterwards.

        Raises ``SqlRefused``.
        """
        with self._session(is_theirs=True) as connection:
            return answer.run(connection, sql, params, commit=commit, patience=self._patience)

    def explain(self, sql: str, /, **params: object) -> Plan:
        """Run one statement of the candidate's under EXPLAIN ANALYZE, roll it back, and return its plan.

        Raises ``SqlRefused``.
        """
        with self._session(is_theirs=True) as connection:
            return answer.explain(connection, sql, params, patience=self._patience)

    def answers(self) -> bool:
        """Whether the server answers on the connection of our own; one that is broken is dropped, for a new one."""
        try:
            with self._session() as connection:
                connection.execute("SELECT 1")
        except (psycopg.Error, ProDevError, SqlRefused):
            if self._own is not None:
                self._own.close()
            return False
        return True

    def reset(self) -> None:
        """Bring the database back to how its template left it: everything the candidate made is gone.

        Every session on it ends, the candidate's as well; URLs stay the same.
        """
        self._close_connections()
        self._admin_engine().renew(self.lease)

    def _admin_engine(self) -> Engine:
        if self._engine is None:
            from prodev.testbed.postgres import find_engine

            self._engine = self._found_engine = find_engine(os.environ)
            if self._engine.served != self.lease.served:
                raise ProDevError(
                    f"This database is on {self.lease.served}, and the environment leads to {self._engine.served}.",
                    remedy="Give Database the engine that made the lease: Database(lease, engine=engine).",
                )
        return self._engine

    def close(self) -> None:
        """Close every connection that was given out, and the candidate's way in."""
        own, self._own = self._own, None
        if own is not None and self._resting is not None:
            self._resting.rest(own, self.lease.name)
        elif own is not None:
            own.close()
        self._close_connections()
        if self._tap is not None:
            self._tap.close()
            self._tap = None
        if self._found_engine is not None:
            self._found_engine.close()
            self._engine = self._found_engine = None

    def _close_connections(self) -> None:
        for connection in (*self._given, *([self._own] if self._own else [])):
            connection.close()
        self._given, self._own = [], None

    def _open(self, *, autocommit: bool) -> Connection:
        try:
            return psycopg.connect(self.lease.url, autocommit=autocommit, connect_timeout=5)
        except psycopg.OperationalError as error:
            why = str(error).strip()
            if _SELF_INFLICTED in why:
                raise SqlRefused(why, advice="Close each connection after use.") from error
            raise ProDevError(
                f"The database {self.lease.name} does not answer: {why}", remedy="Run it again."
            ) from error

    @contextmanager
    def _session(self, *, is_theirs: bool = False) -> Iterator[Connection]:
        """Lend the connection of our own, as clean as a new one; ``is_theirs``: for SQL of the candidate's."""
        if self._own is None and self._resting is not None:
            self._own = self._resting.wake(self.lease.name)
        if self._own is None or self._own.closed:
            self._own = self._open(autocommit=True)
            self._own.prepare_threshold = None  # DISCARD ALL would drop what it prepared
        if is_theirs:
            self._resting = None
        connection: psycopg.Connection[tuple[Any, ...]] = self._own
        try:
            yield connection
        finally:
            answer.clean(connection)
