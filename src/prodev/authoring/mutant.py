"""One small change to a right answer, with a key that outlives unrelated edits."""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator


@dataclasses.dataclass(frozen=True)
class Mutant:
    """``file`` with its text before and after ``operator`` changed it, in ``scope`` (a function, a statement)."""

    file: str
    operator: str
    scope: str
    before: str
    after: str
    key: str = ""

    @property
    def diff(self) -> str:
        """The change as a unified diff, one line of context around it."""
        lines = difflib.unified_diff(
            self.before.splitlines(),
            self.after.splitlines(),
            self.file,
            f"{self.file} ({self.operator})",
            "",
            "",
            1,
            "",
        )
        return "\n".join(lines)

    @property
    def change(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The lines taken out and the lines put in, without their indentation."""
        out, put = [], []
        for line in difflib.ndiff(self.before.splitlines(), self.after.splitlines()):
            if line.startswith("- "):
                out.append(line[2:].strip())
            elif line.startswith("+ "):
                put.append(line[2:].strip())
        return tuple(out), tuple(put)

    @property
    def told(self) -> str:
        """The change on one line."""
        out, put = (" ".join(" ".join(lines).split()) for lines in self.change)
        same = next((n for n, pair in enumerate(zip(out, put, strict=False)) if len(set(pair)) == 2), 0)
        return f"({self.operator}) {_around(out, same)} → {_around(put, same)}"


def _around(text: str, place: int) -> str:
    """At most 80 letters of ``text``, those around ``place``."""
    start = max(0, min(place - 30, len(text) - 80))
    cut = text[start : start + 80]
    return f"`{'…' if start else ''}{cut}{'…' if start + 80 < len(text) else ''}`"


def with_keys(mutants: Iterable[Mutant]) -> Iterator[Mutant]:
    """Name each mutant by its scope and a digest of its change, counted where the same change occurs again.

    Line numbers are no part of it, so that an edit elsewhere in the file leaves a key as it is.
    """
    seen: Counter[str] = Counter()
    for mutant in mutants:
        named = repr((mutant.file, mutant.scope, mutant.change))
        seen[named] += 1
        digest = hashlib.sha256(f"{named}{seen[named]}".encode()).hexdigest()[:6]
        scope = re.sub(r"[^A-Za-z0-9_]+", "-", mutant.scope).strip("-") or "top"
        yield dataclasses.replace(mutant, key=f"{scope}-{digest}")
