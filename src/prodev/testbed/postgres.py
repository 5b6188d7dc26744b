"""Find a Postgres: the one in the environment, the one on the standard port, the embedded one."""

from __future__ import annotations

import socket
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import conninfo

from prodev.errors import ProDevError
from prodev.testbed.engine import Engine
from prodev.testbed.unavailable import START_SERVICES, Unavailable

_OLDEST = 14
STANDARD = {"host": "127.0.0.1", "port": "5432", "user": "postgres", "password": "postgres", "dbname": "postgres"}
_PROBE_S = 0.3
_ROADS = ("", "server", "embedded")


def find_engine(environ: Mapping[str, str]) -> Engine:
    """Return the first Postgres that serves: ``DATABASE_URL``, 127.0.0.1:5432, the embedded one.

    ``PRODEV_ENGINE`` set to ``server`` or ``embedded`` leaves the other road out.

    Raises ``Unavailable`` when none serves, or when the one that ``DATABASE_URL`` names does not.
    """
    road = environ.get("PRODEV_ENGINE", "")
    if road not in _ROADS:
        raise ProDevError(
            f"PRODEV_ENGINE is {road!r}, and only 'server' and 'embedded' are engines.", remedy="unset PRODEV_ENGINE"
        )
    url = environ.get("DATABASE_URL", "")
    if url and road != "embedded":
        return _given(url)
    reasons = []
    if road != "embedded":
        try:
            return _standard()
        except Unavailable as none:
            reasons.append(none.problem)
    if road != "server":
        try:
            return _embedded()
        except Unavailable as none:
            reasons.append(none.problem)
    raise Unavailable(" ".join(reasons), remedy=START_SERVICES)


def _given(url: str) -> Engine:
    """Connect to the server that ``DATABASE_URL`` names, and to no other."""
    remedy = f"Start it, correct DATABASE_URL, or unset it and run: {START_SERVICES}"
    if urlsplit(url).scheme not in ("postgres", "postgresql"):
        raise Unavailable("DATABASE_URL is not a PostgreSQL address (postgresql://…).", remedy=remedy)
    try:
        parameters: dict[str, Any] = conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise Unavailable(f"DATABASE_URL cannot be read: {_first_line(error)}", remedy=remedy) from error
    host, port = parameters.get("host") or "localhost", parameters.get("port") or "5432"
    where = f"server at {host}:{port}"
    try:
        return _checked(Engine(parameters, place=where))
    except psycopg.OperationalError as error:
        problem = f"The {where} that DATABASE_URL names does not serve: {_first_line(error)}"
        raise Unavailable(problem, remedy=remedy) from error


def _standard() -> Engine:
    """Connect to what listens on the standard port, if it takes the credentials that docker-compose.yml sets."""
    address = f"{STANDARD['host']}:{STANDARD['port']}"
    try:
        socket.create_connection((STANDARD["host"], int(STANDARD["port"])), timeout=_PROBE_S).close()
    except OSError as error:
        raise Unavailable(f"No PostgreSQL answers at {address}.", remedy=START_SERVICES) from error
    try:
        return _checked(Engine(STANDARD | {"connect_timeout": "2"}, place=f"server at {address}"))
    except psycopg.OperationalError as error:
        problem = f"The server at {address} does not let us in: {_first_line(error)}."
        raise Unavailable(problem, remedy=START_SERVICES) from error


def _embedded() -> Engine:
    """Connect to the embedded server, started when it does not run."""
    if sys.platform == "win32":
        from prodev.testbed import windows

        return Engine(windows.start(), place="embedded")
    from prodev.testbed import embedded

    server = embedded.start()
    try:
        return Engine(server.parameters, place="embedded", notes=server.notes, on_close=server.let_go)
    except psycopg.OperationalError as error:
        server.let_go()
        problem = f"The embedded PostgreSQL started but does not let us in: {_first_line(error)}."
        raise Unavailable(problem, remedy=f"Delete {server.home} and try again, or run: {START_SERVICES}") from error


def _checked(engine: Engine) -> Engine:
    """Return ``engine`` if it is young enough and lets us make databases and roles."""
    role = engine.admin.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    problem = ""
    if engine.version < _OLDEST:
        problem = f"{engine.served} is older than {_OLDEST}, the oldest that the testbed can use."
    elif role is None or not role[0]:
        problem = f"{engine.served} does not let us make databases and roles: this login is not a superuser."
    if problem:
        engine.close()
        raise Unavailable(problem, remedy=START_SERVICES)
    return engine


def _first_line(error: Exception) -> str:
    """Return what ``error`` says, without the lines that repeat it."""
    lines = str(error).strip().splitlines()
    return lines[0].strip().rstrip(".") if lines else type(error).__name__
