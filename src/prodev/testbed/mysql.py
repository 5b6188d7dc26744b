"""Find a MySQL or MariaDB, and lease throw-away databases on it to roles that own nothing else.

It serves beside Postgres, for suites that have an answer in MySQL's dialect. No wheel embeds one, so that it is
optional: where none answers, a suite goes by a translation (ADR 14).
"""

from __future__ import annotations

import contextlib
import re
import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import pymysql

from prodev.testbed import leases
from prodev.testbed.unavailable import Unavailable

VARIABLES = ("MYSQL_URL", "MARIADB_URL")
STANDARD: dict[str, Any] = {"host": "127.0.0.1", "port": 3306, "user": "root"}
PASSWORDS = ("mysql", "")
"""Of root on the standard port: what docker-compose.yml sets, and what Debian's MariaDB begins with."""
START_MYSQL = "docker compose --profile mysql up -d --wait"

_ORPHAN_AFTER_S = 3600
_OLDEST = {"MySQL": (8, 0), "MariaDB": (10, 3)}
"""The first with common table expressions and window functions."""
_PATIENT = "SET SESSION wait_timeout = 2147483"  # our locks must outlive a long quiet watch
_GRANTED = "SELECT, INSERT, UPDATE, DELETE"


@dataclass(frozen=True, slots=True)
class MySqlLease:
    """Plain data about one leased database, called ``name`` as the role is that fills it.

    ``reader`` is the role that may only read there. Both have the same password.
    """

    name: str
    password: str
    host: str
    port: int
    served: str
    product: str

    def to_json(self) -> dict[str, Any]:
        """Return the lease as a dictionary that JSON can carry. It holds a password."""
        return asdict(self)

    @property
    def reader(self) -> str:
        return _reader(self.name)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> MySqlLease:
        """Make a lease of what ``to_json`` returned."""
        return cls(**{key: data[key] for key in cls.__slots__})


class MySqlServer:
    """A MySQL or MariaDB on which we may make databases and roles; safe to use from several threads."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self._parameters = dict(parameters)
        self._lock = threading.Lock()
        self._admin = connect(self._parameters, init_command=_PATIENT)
        version = str(self._ask("SELECT VERSION()")[0][0])
        self.product = "MariaDB" if "mariadb" in version.lower() else "MySQL"
        self.version = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
        self.served = f"{self.product} {version.partition('-')[0]}, server at {parameters['host']}:{parameters['port']}"

    def close(self) -> None:
        """Let go of the server; leases stay until they are released or swept."""
        self._admin.close()

    def lease(self, build: str = "") -> MySqlLease:
        """Make a database in which the statements of ``build`` have run, for fresh roles without rights elsewhere."""
        with self._lock:
            try:
                return self._make(build)
            except pymysql.err.Error as error:
                raise Unavailable(f"{self.served} makes no database for us: {error}", remedy=START_MYSQL) from error

    def release(self, lease: MySqlLease) -> None:
        """Drop the lease's database and its roles. Twice does no harm, nor does a server that has gone."""
        with self._lock, contextlib.suppress(pymysql.err.Error):  # what cannot be dropped now is swept later
            self._drop(lease.name)

    def _make(self, build: str) -> MySqlLease:
        try:
            self._admin.ping(reconnect=False)
        except pymysql.err.Error:  # the server was started anew, or the connection was cut
            self._admin = connect(self._parameters, init_command=_PATIENT)
        now = int(time.time())
        self._sweep(now)
        name, password = leases.new_name(leases.LEASE_PREFIX, now=now), secrets.token_hex(16)
        self._ask("SELECT GET_LOCK(%s, 0)", name)
        try:
            self._ask(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
            for role, rights in ((name, _GRANTED), (_reader(name), "SELECT")):
                self._ask(f"CREATE USER '{role}'@'%%' IDENTIFIED BY %s WITH MAX_USER_CONNECTIONS 8", password)
                self._ask(f"GRANT {rights} ON `{name}`.* TO '{role}'@'%'")
            self._ask(f"USE `{name}`")
            for statement in filter(str.strip, build.split(";")):
                self._ask(statement)
        except BaseException:
            self._drop(name)
            raise
        host, port = self._parameters["host"], self._parameters["port"]
        return MySqlLease(name, password, host, port, self.served, self.product)

    def _drop(self, name: str) -> None:
        owners = name, _reader(name)
        sessions = self._ask("SELECT id FROM information_schema.processlist WHERE user IN (%s, %s)", *owners)
        for (session,) in sessions:
            with contextlib.suppress(pymysql.err.OperationalError):  # it has ended by itself
                self._ask(f"KILL {int(session)}")
        self._ask(f"DROP DATABASE IF EXISTS `{name}`")
        for role in owners:
            self._ask(f"DROP USER IF EXISTS '{role}'@'%'")
        self._ask("SELECT RELEASE_LOCK(%s)", name)

    def _sweep(self, now: int) -> None:
        """Drop what killed processes left over an hour ago: nobody holds its lock."""
        ours = leases.LEASE_PREFIX.replace("_", r"\_") + "%"
        found = self._ask(
            "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE %s"
            " UNION SELECT user FROM mysql.user WHERE user LIKE %s",
            *(ours, ours),
        )
        for name in {each.removesuffix("_r") for (each,) in found}:
            made = leases.made_at(name)
            if made is None or now - made <= _ORPHAN_AFTER_S:
                continue
            if self._ask("SELECT IS_FREE_LOCK(%s)", name)[0][0]:
                self._drop(name)

    def _ask(self, sql: str, *given: object) -> Sequence[tuple[Any, ...]]:
        with self._admin.cursor() as cursor:
            cursor.execute(sql, given or None)
            rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
            return rows


def find_mysql(environ: Mapping[str, str]) -> MySqlServer:
    """Return the MySQL or MariaDB that serves: ``MYSQL_URL`` or ``MARIADB_URL``, else 127.0.0.1:3306.

    ``PRODEV_ENGINE`` set to ``embedded`` leaves it out, since nothing embeds one.

    Raises ``Unavailable`` when none serves, or when the one that a URL names does not.
    """
    if environ.get("PRODEV_ENGINE") == "embedded":
        raise Unavailable("PRODEV_ENGINE is 'embedded', and no MySQL can be embedded.", remedy="unset PRODEV_ENGINE")
    named = next((name for name in VARIABLES if environ.get(name)), None)
    tried = [_read_url(named, environ[named])] if named else [STANDARD | {"password": each} for each in PASSWORDS]
    where = f"{tried[0]['host']}:{tried[0]['port']}"
    for parameters in tried:
        try:
            return _checked(MySqlServer(parameters))
        except pymysql.err.Error as error:
            code, *said = error.args or ("",)
            problem = f"No MySQL lets us in at {where}: {' '.join(map(str, said)) or code}"
    raise Unavailable(problem, remedy=f"Correct {named}, or unset it." if named else START_MYSQL)


def connect(parameters: Mapping[str, Any], **more: Any) -> pymysql.Connection[Any]:
    """Open a connection in autocommit, encrypted where the server offers that: MySQL 8 takes no password otherwise."""
    return pymysql.connect(**{"charset": "utf8mb4", "connect_timeout": 2, "autocommit": True, **parameters, **more})


def _reader(name: str) -> str:
    return f"{name}_r"


def _read_url(name: str, url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in ("mysql", "mariadb"):
        raise Unavailable(f"{name} is not an address of MySQL (mysql://…).", remedy=f"Correct {name}, or unset it.")
    return {
        "host": parts.hostname or "127.0.0.1",
        "port": parts.port or STANDARD["port"],
        "user": unquote(parts.username or STANDARD["user"]),
        "password": unquote(parts.password or ""),
    }


def _checked(server: MySqlServer) -> MySqlServer:
    """Return ``server`` if it is young enough; whether it lets us make databases is seen at the first lease."""
    oldest = _OLDEST[server.product]
    if server.version < oldest:
        server.close()
        raise Unavailable(
            f"{server.served} is older than {oldest[0]}.{oldest[1]}, the oldest with window functions.",
            remedy=START_MYSQL,
        )
    return server
