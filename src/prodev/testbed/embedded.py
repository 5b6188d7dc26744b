"""The Postgres that a wheel brings, in the user's cache folder: prepared once, running while somebody uses it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from prodev.testbed import cluster, keeper, locks
from prodev.testbed.unavailable import Unavailable

_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "300",
    "max_wal_size": "256MB",
    "io_method": "sync",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
}
"""Nothing here is worth a write to disk: after a crash of the machine the cluster is rebuilt."""

_LONGEST_SOCKET = 90
_held: dict[Path, tuple[int, int]] = {}
"""For each home, the open file whose shared lock says that this process uses it, and how often."""
_guard = threading.Lock()


@dataclass
class Server:
    """A running embedded server; ``let_go`` when done, and the last one to do so ends it."""

    home: Path
    parameters: dict[str, str]
    notes: tuple[str, ...] = ()
    _is_held: bool = field(default=True, repr=False)

    def let_go(self) -> None:
        """Stop using the server."""
        if self._is_held:
            self._is_held = False
            _let_go(self.home)


def start() -> Server:
    """Return the embedded server, prepared and started where needed; safe in several processes at once.

    Raises ``Unavailable``, in words, when this machine cannot run it.
    """
    install = cluster.find_install()
    home = _home(install)
    _hold(home)
    try:
        with locks.alone(home / "start.lock", patience_s=120):
            notes = _run(home, install)
    except BaseException as error:
        _let_go(home)
        if isinstance(error, TimeoutError):
            problem = f"Another process has been starting the embedded PostgreSQL in {home} for two minutes."
            raise Unavailable(problem, remedy=f"End it, or delete {home}, and try again.") from error
        raise
    password = (home / "password").read_text()
    parameters = {"host": str(_socket_folder(home)), "port": "5432", "user": "postgres", "password": password}
    return Server(home, parameters, notes)


def _home(install: cluster.Install) -> Path:
    """Return the folder, made if need be, that holds the cluster of this major version."""
    folders = [platformdirs.user_cache_path("prodev", appauthor=False)]
    if os.geteuid() == 0:
        # The server may not run as root, and must be able to walk to its files; we open nobody's home for that.
        folders.append(platformdirs.site_cache_path("prodev", appauthor=False))
    problem = ""
    for folder in folders:
        home = folder / f"postgres-{install.major}"
        try:
            home.mkdir(parents=True, exist_ok=True)
            for ours in (home, folder):
                ours.chmod(0o755 if os.geteuid() == 0 else 0o700)
            with tempfile.TemporaryFile(dir=home):
                pass
        except OSError as error:
            problem = f"The embedded PostgreSQL needs the folder {home}, which cannot be written: {error.strerror}."
            continue
        if os.geteuid() != 0 or cluster.is_open_to_all(home):
            return home
        problem = f"The embedded PostgreSQL may not run as root, and {home} is closed to other users."
    raise Unavailable(problem, remedy="Set XDG_CACHE_HOME to a folder that you can write, and try again.")


def _run(home: Path, install: cluster.Install) -> tuple[str, ...]:
    """Prepare and start what is missing; a cluster that will not start is moved aside and made again."""
    notes: list[str] = []
    reason = cluster.broken(home)
    if reason:
        notes.append(cluster.move_aside(home, reason))
    for _ in range(2):
        if not (home / "data").exists():
            cluster.make(home, install)
        problem = _keep(home, install)
        if not problem:
            return tuple(notes)
        notes.append(cluster.move_aside(home, problem))
    raise Unavailable(f"The embedded PostgreSQL does not start. {problem}", remedy=f"Look into {home / 'log'}.")


def _keep(home: Path, install: cluster.Install) -> str:
    """Make sure that a keeper lives and the server answers; return what is wrong, if anything."""
    folder = _socket_folder(home)
    cluster.make_folder(folder)
    where = folder / ".s.PGSQL.5432"
    if locks.is_held(home / "keeper.lock"):
        if keeper.answers(str(where)):
            return ""
        cluster.end_keeper(home / "keeper.lock")  # its server crashed, and it waits for us to be gone
    install = cluster.reachable(install, home)
    settings = _SETTINGS | {"unix_socket_directories": str(folder)}
    options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    order = {
        "command": [str(install.program("postgres")), "-D", str(home / "data"), *options],
        "data": str(home / "data"),
        "log": str(home / "log"),
        "socket": str(where),
        "users_lock": str(home / "users.lock"),
        "keeper_lock": str(home / "keeper.lock"),
        "uid": cluster.server_uid(),
    }
    cluster.note_boot(home)
    done = subprocess.run(
        [sys.executable, "-I", "-S", keeper.__file__, json.dumps(order)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    return "" if done.returncode == 0 else (done.stdout + done.stderr).strip()


def _socket_folder(home: Path) -> Path:
    """Return where the socket stands: in the cluster's home, unless its path is too long for a socket."""
    folder = home / "run"
    if len(str(folder)) <= _LONGEST_SOCKET:
        return folder
    return Path(tempfile.gettempdir()) / f"prodev-pg-{os.geteuid()}-{cluster.short_digest(str(home))}"


def _hold(home: Path) -> None:
    """Say that this process uses the server of ``home``, waiting while a keeper is just stopping it."""
    with _guard:
        file, times = _held.get(home, (-1, 0))
        _held[home] = (locks.share(home / "users.lock") if file < 0 else file, times + 1)


def _let_go(home: Path) -> None:
    """Take one ``_hold`` back."""
    with _guard:
        file, times = _held.pop(home, (-1, 0))
        if times > 1:
            _held[home] = (file, times - 1)
        elif file >= 0:
            os.close(file)


def _forget_after_fork() -> None:
    """Close what a forked child inherited: a candidate must not keep the server alive, nor reach its lock."""
    for file, _ in _held.values():
        os.close(file)
    _held.clear()


os.register_at_fork(after_in_child=_forget_after_fork)
