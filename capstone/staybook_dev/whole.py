"""The whole of staybook beside a test: as ``make capstone`` runs it, on ports and a database of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

from staybook_dev import engines
from staybook_dev.run import ROOT

_READY_S = 120
_UNLIMITED = dict.fromkeys(("LIMIT_AUTH", "LIMIT_WRITES", "LIMIT_READS"), "100000000")
"""No single person does in a minute what a test does from one address."""


@contextmanager
def running(database: str) -> Iterator[str]:
    """Run it on the server of DATABASE_URL, in ``database``, made anew and dropped afterwards; give its address.

    Raises RuntimeError when it is not ready in time.
    """
    url = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}"))
    engines.drop_database(url)
    ports = [engines.free_port() for _ in range(3)]
    names = ("--port", "--gateway-port", "--mail-port")
    options = [text for name, port in zip(names, ports, strict=True) for text in (name, str(port))]
    environ = {key: value for key, value in os.environ.items() if key not in ("REDIS_URL", "LOG_LEVEL")}
    program = subprocess.Popen(
        [sys.executable, "-u", "-m", "staybook_dev.run", *options],
        cwd=ROOT,
        env=environ | _UNLIMITED | {"DATABASE_URL": url},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert program.stdout
        until = time.monotonic() + _READY_S
        while "is ready" not in (line := program.stdout.readline()):
            if not line or time.monotonic() > until:
                raise RuntimeError("staybook did not get ready, and says why above")
        yield f"http://localhost:{ports[0]}"
    finally:
        program.terminate()
        program.communicate(timeout=30)
        engines.drop_database(url)
