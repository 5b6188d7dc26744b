"""How much must stand between a candidate and the machine, and whether it does."""

from __future__ import annotations

import re

from prodev.errors import ProDevError
from prodev.grading.breakout import try_walls

ENOUGH = 3
"""The level from which on a stranger's code is shut in: namespaces, besides the filters of the levels below."""


def level_of(isolation: str) -> int:
    """The number in what a report says was in force (``L3: namespaces …``); 0 where it says none."""
    found = re.match(r"L(\d)", isolation)
    return int(found[1]) if found else 0


def require_walls() -> str:
    """Try every wall of this machine, and return what is in force.

    Raises ProDevError when that is less than ``ENOUGH``, or when a wall did not hold.
    """
    try:
        in_force, held = try_walls()
    except (ChildProcessError, OSError) as error:
        raise ProDevError(f"The walls of this machine could not be tried: {error}.", remedy="prodev doctor") from error
    broken = [wall for wall, holds in held.items() if not holds]
    if level_of(in_force) >= ENOUGH and not broken:
        return in_force
    lacking = f" These did not hold: {', '.join(broken)}." if broken else ""
    raise ProDevError(
        f"--isolation required: this machine offers {in_force or 'no walls'}, and L{ENOUGH} is required.{lacking}",
        remedy="Grade on Linux where user namespaces are allowed, or in a container; 'prodev doctor' says more.",
    )
