"""What went over the wire: the statements that a candidate had executed, in order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from prodev.testbed import sqltext

MOST_KEPT = 20_000
_SESSION_WORDS = frozenset({
    "abort", "begin", "commit", "deallocate", "discard", "end", "release", "reset", "rollback", "savepoint", "set",
    "show", "start",
})  # fmt: skip
_VALUE = r"(?:'[^']*'|\$\d+|null|true|false)(?:::\w+)?"
_SET_CONFIG = re.compile(
    rf"select\s+(?:pg_catalog\.)?set_config\s*\(\s*{_VALUE}\s*,\s*{_VALUE}\s*,\s*{_VALUE}\s*\)", re.IGNORECASE
)
_PLAIN = re.compile(r"(?:insert|update|delete|with|select(?!\s+(?:pg_catalog\.)?set_config))\b", re.IGNORECASE)
_LIST = re.compile(r"\(\s*\?(?:\s*,\s*\?)+\s*\)")
_ROWS = re.compile(r"(\(\?\))(?:\s*,\s*\(\?\))+")


@dataclass(slots=True)
class Prepared:
    """A statement that was parsed; how many columns it returns is known once it has been described."""

    text: str
    columns: int | None = None


@dataclass(slots=True)
class Executed:
    """One statement that was executed; ``columns`` and ``rows`` are what came back for it."""

    prepared: Prepared
    rows: int = 0
    refused: bool = False

    @property
    def text(self) -> str:
        """Return the SQL as it was sent, placeholders unfilled; very long texts are cut."""
        return self.prepared.text

    @property
    def columns(self) -> int:
        """Count the columns that it returned, 0 for a statement without rows."""
        return self.prepared.columns or 0


@dataclass
class QueryLog:
    """The statements of a stretch of time; session chatter (BEGIN, SET, …) stands apart in ``chatter``."""

    statements: list[Executed] = field(default_factory=list)
    chatter: list[str] = field(default_factory=list)
    _more: int = 0

    def add(self, executed: Executed) -> None:
        """Take one statement in."""
        is_aside = is_chatter(executed.text)
        if len(self.statements) + len(self.chatter) >= MOST_KEPT:
            self._more += not is_aside
        elif is_aside:
            self.chatter.append(executed.text)
        else:
            self.statements.append(executed)

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Executed]:
        return iter(self.statements)

    @property
    def count(self) -> int:
        """Count the statements, those as well that came when so many had been kept that no more are."""
        return len(self.statements) + self._more

    @property
    def texts(self) -> list[str]:
        """Return the statements' SQL, in the order in which they were sent."""
        return [executed.text for executed in self.statements]

    @property
    def columns(self) -> list[int]:
        """Return how many columns each statement returned."""
        return [executed.columns for executed in self.statements]

    @property
    def rows(self) -> list[int]:
        """Return how many rows each statement returned."""
        return [executed.rows for executed in self.statements]

    def repeated(self) -> list[tuple[str, int]]:
        """Return the statements sent more than once, values left out, the most frequent first."""
        times = Counter(map(normal_form, self.texts))
        return [(text, count) for text, count in times.most_common() if count > 1]


def is_chatter(text: str) -> bool:
    """Tell whether ``text`` only steers the session.

    A ``set_config`` counts as chatter only with plain values: a subquery could hide in any other.
    """
    if _PLAIN.match(text):
        return False
    parts = sqltext.statements(text)
    return all(
        part.words[:1] and (part.words[0] in _SESSION_WORDS or _SET_CONFIG.fullmatch(part.text)) for part in parts
    )


def normal_form(text: str) -> str:
    """Return ``text`` with its values, comments and spacing evened out, so that repetitions look alike."""
    pieces: list[str] = []
    for token in sqltext.tokens(text):
        if token.is_blank:
            piece = " "
        elif token.kind in ("string", "number", "placeholder"):
            piece = "?"
        else:
            piece = token.text if token.kind == "quoted" else token.text.lower()
        pieces.append(piece)
    flat = " ".join("".join(pieces).split())
    return _ROWS.sub(r"\1", _LIST.sub("(?)", flat))
