"""One Postgres that serves: templates kept on it, leases made from them, orphans swept."""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors

from prodev.errors import ProDevError
from prodev.testbed import leases, roles, templates
from prodev.testbed.leases import Lease
from prodev.testbed.templates import Template

if TYPE_CHECKING:
    from typing import Self

    Connection = psycopg.Connection[tuple[Any, ...]]

ORPHAN_AFTER_S = 3600
_ADMIN: dict[str, Any] = {
    "connect_timeout": 5,
    "application_name": "prodev",
    "options": "-c statement_timeout=0 -c lock_timeout=0 -c idle_session_timeout=0",
}
_LEFT_TO_GROUP = f"""
    SELECT FROM pg_shdepend JOIN pg_database ON pg_database.oid = dbid AND datname = current_database()
    WHERE refclassid = 'pg_authid'::regclass AND refobjid = '{roles.GROUP}'::regrole
"""
"""Finds what a candidate made with SET ROLE: DROP OWNED cannot take it, the group owns things elsewhere as well."""
_BIG_TEMPLATE = 24 * 1024 * 1024
"""From this size on, copying files (and two checkpoints) is quicker than copying pages through the log."""


class Engine:
    """A Postgres on which we are superuser; safe to use from several threads, and after a fork.

    ``served`` is a fragment for the report: ``PostgreSQL 18.6, embedded``. ``notes`` are sentences about
    anything unusual on the way, such as a data folder that had to be rebuilt.
    """

    def __init__(
        self,
        parameters: Mapping[str, Any],
        *,
        place: str,
        notes: tuple[str, ...] = (),
        on_close: Callable[[], None] | None = None,
    ) -> None:
        self._parameters = dict(parameters)
        self._on_close = on_close
        self._lock = threading.RLock()
        self._held: set[str] = set()
        self._admin: Connection | None = None
        self._admin_pid = os.getpid()
        self._of_parent: Connection | None = None
        self._templates: dict[str, Template] = {}
        info = self.admin.info
        # What the URL left open has been filled in by now, from the environment or by default.
        self._parameters |= {"host": info.host, "port": str(info.port), "user": info.user}
        version = info.parameter_status("server_version") or "?"
        self.version = info.server_version // 10000
        self.served = f"PostgreSQL {version.split()[0]}, {place}"
        self.notes = notes
        atexit.register(self.close)

    def __repr__(self) -> str:
        return f"<Engine {self.served}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the engine; leases stay until they are released or swept."""
        atexit.unregister(self.close)
        with self._lock:
            if self._admin is not None and self._admin_pid == os.getpid():
                self._admin.close()
                if self._on_close is not None:
                    self._on_close()
            self._admin, self._on_close = None, None

    def connect(self, database: str = "postgres") -> Connection:
        """Open a connection to ``database`` as superuser, in autocommit; the caller closes it.

        Never run a candidate's SQL on it, nor anything that fires a candidate's trigger.
        """
        parameters = _ADMIN | self._parameters | {"dbname": database}
        return psycopg.connect(**parameters, autocommit=True)

    def url(self, database: str, *, role: str = "", password: str = "") -> str:
        """Write the URL of ``database``, as superuser unless a role is given."""
        return leases.make_url(self._parameters, database=database, role=role, password=password)

    @property
    def admin(self) -> Connection:
        """Return the connection on which databases and roles are made; one for each process."""
        with self._lock:
            if self._admin_pid != os.getpid():
                # After a fork the connection and the leases belong to the parent, which goes on using them.
                self._of_parent, self._admin, self._held = self._admin, None, set()
            if self._admin is None or self._admin.closed:
                self._admin, self._admin_pid = self.connect(), os.getpid()
                for name in self._held:
                    self._admin.execute("SELECT pg_advisory_lock(%s)", [leases.lock_key(name)])
            return self._admin

    def template(self, key: str, build: Callable[[str], object] | str = "", *, version: str = "") -> Template:
        """Return the database built once by ``build`` and kept; build it when it is not there yet.

        ``build`` is SQL text, or a callable that is given the URL of an empty database; a callable's
        ``version`` has to change whenever what it builds does. ``key`` names the exercise (and the
        variant, when it has several): older templates of the same key are dropped.
        """
        template = Template(key=key, build=build, version=version)
        with self._lock:
            if template.name not in self._templates:
                templates.ensure(self, template)
                self._templates[template.name] = template
            return self._templates[template.name]

    def lease(self, template: Template) -> Lease:
        """Make a fresh database from ``template``, for a fresh role without privileges elsewhere."""
        with self._lock:
            now = self._sweep()
            name = leases.new_name(leases.LEASE_PREFIX, now=now)
            password = self.make_role(name)
            try:
                self._copy(template.name, name)
            except BaseException:
                self.drop(name)
                raise
        url = self.url(name, role=name, password=password)
        return Lease(name=name, role=name, url=url, served=self.served, template=template.name)

    def renew(self, lease: Lease) -> None:
        """Bring the lease's database and role back to how they were made; every session of theirs ends.

        What stands in an empty database is dropped; any other database is copied again from its template.
        """
        with self._lock:
            self.disconnect(lease.name)
            if lease.template != templates.EMPTY or not self._emptied(lease):
                self.admin.execute(f'DROP DATABASE IF EXISTS "{lease.name}" WITH (FORCE)'.encode())
                self._copy(lease.template, lease.name)
            self.admin.execute(roles.to_restore(lease.role, lease.password).encode())

    def _emptied(self, lease: Lease) -> bool:
        """Drop what the candidate made; tell whether the database is as empty as its template now."""
        try:
            with self.connect(lease.name) as inside:
                inside.execute(roles.to_empty(lease.role).encode())
                if inside.execute(_LEFT_TO_GROUP.encode()).fetchone() is not None:
                    return False
                inside.execute(roles.TO_FURNISH.encode())
                inside.execute(roles.to_open(lease.name, lease.role).encode())
        except psycopg.Error:
            return False
        return True

    def release(self, lease: Lease) -> None:
        """Drop the lease's database, whoever is connected to it, and its role. Twice does no harm."""
        with self._lock:
            self.drop(lease.name)

    def make_role(self, name: str) -> str:
        """Make a role in the candidates' group and return its password.

        An advisory lock is held for as long as this process lives: it tells a sweep that ``name`` is in use.
        """
        password = roles.new_password()
        self.admin.execute(
            f"BEGIN; SET LOCAL synchronous_commit = off; {roles.to_make(name, password)}"
            f"SELECT pg_advisory_lock({leases.lock_key(name)}); COMMIT".encode()
        )
        self._held.add(name)
        return password

    def _copy(self, template: str, name: str) -> None:
        """Make database ``name`` from ``template``, which is built again where we know how and it has been dropped."""
        size = templates.size_of(self, template)
        if size is None and template in self._templates:
            size = templates.ensure(self, self._templates[template])
        if size is None:
            raise ProDevError(
                f"The template {template} is no longer on {self.served}.", remedy="Ask the engine for it again."
            )
        strategy = "wal_log" if size < _BIG_TEMPLATE else "file_copy"
        how = f" STRATEGY {strategy}" if self.version >= 15 else ""
        self.admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"{how} ALLOW_CONNECTIONS false'.encode())
        self.admin.execute(roles.to_open(name, name).encode())

    def drop(self, name: str) -> None:
        """Drop database and role ``name``, which must be of our making."""
        if leases.made_at(name) is None:
            raise ProDevError(f"{name!r} is not a database that the testbed made, so it will not drop it.")
        self.disconnect(name)
        self._drop_unless_gone(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        try:
            self._drop_unless_gone(f'DROP ROLE IF EXISTS "{name}"')
        except errors.DependentObjectsStillExist:
            # It made something in a database of somebody else's that lets everyone in; the role is harmless locked.
            self.admin.execute(f'ALTER ROLE "{name}" NOLOGIN'.encode())
        if name in self._held:
            self._held.discard(name)
            self.admin.execute("SELECT pg_advisory_unlock(%s)", [leases.lock_key(name)])

    def _drop_unless_gone(self, statement: str) -> None:
        """Run ``statement``; a process that drops the same thing at the same moment makes it fail in this one way."""
        try:
            self.admin.execute(statement.encode())
        except errors.InternalError_:
            self.admin.execute(statement.encode())

    def disconnect(self, database: str) -> None:
        """End every session on ``database``, without the 100 ms that DROP … WITH (FORCE) sleeps when it finds one."""
        left = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s"
        for _ in range(25):
            found = self.admin.execute(left, [database]).fetchone()
            if found is None or not found[0]:
                return
            time.sleep(0.002)

    def _sweep(self) -> int:
        """Drop what killed processes left over an hour ago; return the server's time in seconds."""
        found = self.admin.execute(
            "SELECT extract(epoch FROM now())::bigint, array(SELECT datname::text FROM pg_database"
            " WHERE datname ~ '^prodev_[lb]_' UNION SELECT rolname FROM pg_roles WHERE rolname ~ '^prodev_[lb]_'"
            " AND rolcanlogin)"
        ).fetchone()
        assert found is not None
        now, names = found
        for name in names:
            made = leases.made_at(name)
            if made is not None and now - made > ORPHAN_AFTER_S and name not in self._held:
                self._drop_if_abandoned(name)
        return int(now)

    def _drop_if_abandoned(self, name: str) -> None:
        """Drop ``name`` unless its maker lives or somebody is connected to it."""
        key = leases.lock_key(name)
        got = self.admin.execute(
            "SELECT pg_try_advisory_lock(%s), EXISTS (SELECT FROM pg_stat_activity WHERE datname = %s)", [key, name]
        ).fetchone()
        assert got is not None
        if not got[0]:
            return
        try:
            if not got[1]:
                self.drop(name)
        finally:
            self.admin.execute("SELECT pg_advisory_unlock(%s)", [key])
