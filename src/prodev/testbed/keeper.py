"""The process that starts the embedded server, and stops it when nobody uses it any more.

Run as a script by ``embedded.start``, on the standard library alone, with one JSON object as its argument.
Users hold a shared lock on ``users``; the kernel lets go of it however they end, SIGKILL included. The keeper
waits for an exclusive lock on the same file: when it gets it, nobody is left.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_PATIENCE_S = 60.0


def main(order: dict[str, Any]) -> int:
    """Start the server in a process of its own session; return 0 once it answers, 1 with its log on stdout."""
    reading, writing = os.pipe()
    if os.fork():
        os.close(writing)
        said = os.read(reading, 4096).decode()
        print(said)  # noqa: T201 - stdout is the answer to embedded.start
        return 0 if said == "ready" else 1
    os.close(reading)
    os.setsid()
    os.chdir("/")
    _keep(order, writing)
    os._exit(0)


def _keep(order: dict[str, Any], answer: int) -> None:
    """Hold the keeper's lock, start the server unless it runs, and stop it after its last user."""
    mine = os.open(order["keeper_lock"], os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.truncate(mine, 0)
    os.write(mine, f"{os.getpid()}\n".encode())
    server, problem = (None, "") if answers(order["socket"]) else _start(order)
    os.write(answer, (problem or "ready").encode()[:4000])
    os.close(answer)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    if problem:
        return
    if server is not None:
        _end_with(server)
    users = os.open(order["users_lock"], os.O_RDWR)
    fcntl.flock(users, fcntl.LOCK_EX)
    _stop(Path(order["data"]), server)
    # In this order: whoever waits for the users' lock must then find the keeper's lock free.
    os.close(mine)
    os.close(users)


def _end_with(server: subprocess.Popen[bytes]) -> None:
    """End this process when the server crashes, so that the next user finds neither it nor a zombie in its way."""

    def look(*_: object) -> None:
        if server.poll() is not None:
            os._exit(1)

    signal.signal(signal.SIGCHLD, look)
    look()


def answers(path: str) -> bool:
    """Tell whether something accepts connections on the Unix socket ``path``."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
        except OSError:
            return False
        return True


def _start(order: dict[str, Any]) -> tuple[subprocess.Popen[bytes] | None, str]:
    """Start the server; return it, and what went wrong, nothing when it is ready."""
    ready = Path(order["data"]) / "postmaster.pid"
    with Path(order["log"]).open("wb") as log:
        as_user = {"user": order["uid"], "group": order["uid"], "extra_groups": []} if order["uid"] else {}
        server = subprocess.Popen(
            order["command"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", umask=0o077, **as_user
        )
    limit = time.monotonic() + _PATIENCE_S
    while time.monotonic() < limit:
        if server.poll() is not None:
            return None, "It ended: " + _tail(order["log"])
        if _is_ready(ready, server.pid):
            return server, ""
        time.sleep(0.002)
    server.kill()
    return None, f"It was not ready after {_PATIENCE_S:.0f} seconds: " + _tail(order["log"])


def _is_ready(pid_file: Path, pid: int) -> bool:
    """Read the server's own note on its state."""
    try:
        lines = pid_file.read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"


def _stop(data: Path, server: subprocess.Popen[bytes] | None) -> None:
    """End the server's sessions and shut it down, whether it is a child of ours or another keeper's."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid_file = data / "postmaster.pid"
    try:
        pid = server.pid if server else int(pid_file.read_text().split()[0])
        os.kill(pid, signal.SIGINT)
    except (OSError, ValueError, IndexError):
        return
    limit = time.monotonic() + _PATIENCE_S
    while pid_file.exists() and time.monotonic() < limit:
        if server is not None and server.poll() is not None:
            return
        time.sleep(0.005)


def _tail(log: str) -> str:
    """Return the last lines that the server wrote."""
    return " ".join(Path(log).read_text(errors="replace").split()[-120:])


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
