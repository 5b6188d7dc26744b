"""What the course needs of this machine, tried for real: the checks of ``prodev doctor``."""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from prodev.errors import ProDevError

State = Literal["good", "missing", "wanting"]


@dataclasses.dataclass(frozen=True)
class Finding:
    """One check. ``missing``: the course does not work without it; ``wanting``: a part of it does not."""

    name: str
    state: State
    said: str
    remedy: str = ""


Check = Callable[[], Finding]

_TOOLS = {
    "make": "starts the set-up: make learn",
    "bash": "runs the exercises of the shell module",
    "curl": "is what the exercises of the shell module call",
    "jq": "reads JSON in the exercises of the shell module",
}


def examine(workspace: Path | None) -> Iterator[Finding]:
    """Make every check, in the order to mend them in; ``workspace`` is where the answers are, if anywhere yet."""
    yield _python()
    yield _disk(workspace)
    yield _git()
    for tool, purpose in _TOOLS.items():
        yield _tool(tool, purpose)
    yield _postgres()
    yield _jupyter()
    yield _isolation()


def _python() -> Finding:
    version = platform.python_version()
    if sys.version_info < (3, 11):  # noqa: UP036 - the doctor is asked when something is wrong
        return Finding(
            "Python", "missing", f"{version}, and 3.11 is the oldest that works", "make learn PYTHON=python3.12"
        )
    return Finding("Python", "good", f"{version} at {sys.executable}")


def _disk(workspace: Path | None) -> Finding:
    folders = [Path(tempfile.gettempdir()), *([workspace] if workspace else [])]
    for folder in folders:
        try:
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"prodev")
        except OSError as error:
            return Finding("Disk", "missing", f"{folder}: {error.strerror}", f"Make it writable: chmod u+w {folder}")
    free = min(shutil.disk_usage(folder).free for folder in folders)
    if free < 500_000_000:
        return Finding("Disk", "wanting", f"only {free // 1_000_000} MB are free", "Free some space.")
    return Finding("Disk", "good", " and ".join(f"{folder} is writable" for folder in folders))


def _git() -> Finding:
    if shutil.which("git") is None:
        return Finding("git", "wanting", "not found; it keeps the versions of your answers", _install("git"))
    version = _first_line(["git", "--version"])
    known = subprocess.run(["git", "var", "GIT_COMMITTER_IDENT"], capture_output=True, check=False, cwd="/")
    if known.returncode:
        remedy = 'git config --global user.name "Your Name" && git config --global user.email you@example.org'
        return Finding("git", "wanting", f"{version}; it does not know your name", remedy)
    return Finding("git", "good", version)


def _tool(tool: str, purpose: str) -> Finding:
    if shutil.which(tool) is None:
        return Finding(tool, "wanting", f"not found; it {purpose}", _install(tool))
    return Finding(tool, "good", _first_line([tool, "--version"]))


def _postgres() -> Finding:
    """Ask the engine that suites would use a real question."""
    try:
        from prodev.testbed import Database, find_engine

        with find_engine(os.environ) as engine:
            lease = engine.lease(engine.template("doctor", "SELECT 1"))
            try:
                with Database(lease) as database:
                    row = database.connect().execute("SELECT 1").fetchone()
            finally:
                engine.release(lease)
    except ProDevError as error:
        return Finding("Postgres", "missing", error.problem, error.remedy)
    except Exception as error:  # a broken driver or server is what the doctor is there to name
        return Finding(
            "Postgres", "missing", f"{type(error).__name__}: {error}", "docker compose --profile services up -d"
        )
    return Finding("Postgres", "good", f"{engine.served}; SELECT 1 gave {row and row[0]}")


def _jupyter() -> Finding:
    if importlib.util.find_spec("jupyterlab") is None:
        return Finding("Jupyter", "wanting", "not installed; it opens the lessons", "make learn")
    from importlib.metadata import version

    return Finding("Jupyter", "good", f"JupyterLab {version('jupyterlab')}")


def _isolation() -> Finding:
    from prodev.grading.breakout import try_walls

    try:
        in_force, held = try_walls()
    except Exception as error:  # a kernel that refuses is what the doctor is there to name
        return Finding("Isolation", "missing", f"{type(error).__name__}: {error}", "prodev doctor")
    if not held:
        return Finding("Isolation", "wanting", in_force, "Grade strangers' code on Linux, or in a container.")
    broken = [name for name, holds in held.items() if not holds]
    if broken:
        return Finding(
            "Isolation", "wanting", f"{in_force}. Open: {', '.join(broken)}", "Grade strangers' code in a container."
        )
    return Finding("Isolation", "good", f"{in_force}. {len(held)} walls were tried, and all held")


def _first_line(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{command[0]} does not run: {error}"
    return (done.stdout or done.stderr).partition("\n")[0].partition(" (")[0]


def _install(package: str) -> str:
    """How this machine installs a program."""
    if sys.platform == "darwin":
        return f"brew install {package}"
    commands = {
        "apt-get": "sudo apt-get install",
        "dnf": "sudo dnf install",
        "pacman": "sudo pacman -S",
        "apk": "apk add",
    }
    found = next((command for tool, command in commands.items() if shutil.which(tool)), "Install")
    return f"{found} {package}"
