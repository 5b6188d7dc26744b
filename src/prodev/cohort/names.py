"""Names that mean something else on another machine, or lead out of a folder."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

from prodev.cohort.trees import Broken

_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_FORBIDDEN = re.compile(r"[:\\]")


def refuse_escape(path: str) -> None:
    """Raise Broken for a path that leaves the folder it is unpacked in."""
    parts = path.split("/")
    if path.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", path):
        raise Broken(f"It holds {path!r}, a path that leads out of its folder. Nothing of it was unpacked.")


def refuse_odd(paths: Iterable[str], *, near: Callable[[str], bool]) -> None:
    """Raise Broken where what is meant depends on the machine.

    That is a file to be taken (``near``) with a name that some system reserves or cannot hold, and one beside
    another that some system takes for the same.
    """
    seen: dict[str, list[str]] = {}
    for path in paths:
        seen.setdefault(unicodedata.normalize("NFC", path).casefold(), []).append(path)
        for part in path.split("/") if near(path) else ():
            if not _is_portable(part):
                raise Broken(f"It holds {path!r}, and {part!r} is a name that not every system can hold.")
    for same in seen.values():
        if len(same) > 1 and any(map(near, same)):
            raise Broken(f"It holds {' and '.join(map(repr, same[:3]))}, which some systems take for one file.")


def _is_portable(name: str) -> bool:
    is_odd = _RESERVED.fullmatch(name) or _FORBIDDEN.search(name) or name != name.rstrip(". ")
    return not is_odd and name.isprintable()
