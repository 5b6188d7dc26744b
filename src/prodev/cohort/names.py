"""Names that mean something else on another machine, or lead out of a folder."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from prodev.cohort.trees import Broken

_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f:\\]")


def refuse_escape(path: str) -> None:
    """Raise Broken for a path that leaves the folder it is unpacked in."""
    parts = path.split("/")
    if path.startswith("/") or ".." in parts or "\\" in path or re.match(r"[A-Za-z]:", path):
        raise Broken(f"It holds {path!r}, a path that leads out of its folder. Nothing of it was unpacked.")


def refuse_odd(paths: Iterable[str]) -> None:
    """Raise Broken for a name that some system reserves, and for two names that some system takes for one."""
    seen: dict[str, str] = {}
    for path in paths:
        for part in filter(None, path.split("/")):
            if _RESERVED.fullmatch(part) or _FORBIDDEN.search(part) or part != part.rstrip(". "):
                raise Broken(f"It holds {path!r}, and {part!r} is a name that not every system can hold.")
        plain = path.rstrip("/")
        folded = unicodedata.normalize("NFC", plain).casefold()
        if seen.setdefault(folded, plain) != plain:
            raise Broken(f"It holds {seen[folded]!r} and {plain!r}, which some systems take for one file.")
