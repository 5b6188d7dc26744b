"""Text that is safe to show, and short enough to read."""

from __future__ import annotations

import os
import re
from pathlib import Path

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """``text`` with what a terminal would obey (escape sequences, direction marks) made visible as ``·``."""
    return _CONTROL.sub("·", text.replace("\r\n", "\n").expandtabs(4))


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
