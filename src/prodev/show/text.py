"""Text that is safe to show, and short enough to read."""

from __future__ import annotations

import os
import re
from pathlib import Path

from prodev.grading.report import legible

_COMMAND = re.compile(r"^(\s*)(?=::[\w-]+( [^\n]*)?::)|(?<=#)(?=#(?:\[|vso))", re.MULTILINE)
"""Where a line is a command to a pipeline's runner: of GitHub's, or of Azure's."""


def clean(text: str) -> str:
    """``text`` with what a terminal or a pipeline would obey made visible as, or broken by, ``·``."""
    return _COMMAND.sub(r"\1·", legible(text).expandtabs(4))


def tail(text: str, most: int) -> list[str]:
    """The last ``most`` lines, under a line that counts those left out."""
    lines = clean(text).rstrip().splitlines()
    if len(lines) <= most:
        return lines
    kept = max(most - 1, 1)
    return [f"({len(lines) - kept} lines before these)", *lines[-kept:]]


def counted(number: int, noun: str) -> str:
    """``1 hint``, ``2 hints``, ``no hints``."""
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def near(path: Path) -> str:
    """``path`` as one would type it from here: relative below the current folder, else with ``~``."""
    try:
        here = Path.cwd()
    except OSError:  # the folder was removed under us
        return str(path)
    if path.is_relative_to(here):
        return str(path.relative_to(here))
    inside = os.path.relpath(path, here)
    if inside.count("..") <= 1:
        return inside
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) and home != Path("/") else str(path)
