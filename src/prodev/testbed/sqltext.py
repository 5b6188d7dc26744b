"""SQL text cut into tokens and statements, the way the psql client cuts it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<comment>--[^\n]*)
    | (?P<block>/\*)
    | (?P<escape>[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z))
    | (?P<string>'(?:[^']|'')*(?:'|\Z))
    | (?P<quoted>"(?:[^"]|"")*(?:"|\Z))
    | (?P<dollar>\$(?P<tag>[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)
    | (?P<placeholder>\$\d+|%s|%\(\w+\)s)
    | (?P<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)
    | (?P<number>(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<cast>::|:=)
    | (?P<name>:[A-Za-z_]\w*)
    | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_MARK = re.compile(r"/\*|\*/")
_ROUTINES = ("function", "procedure")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of SQL: its kind (a group of the pattern above), its text, and where it starts."""

    kind: str
    text: str
    start: int

    @property
    def is_blank(self) -> bool:
        """Tell white space and comments from everything that the server reads."""
        return self.kind in ("space", "comment")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement without its semicolon; ``start`` is its offset in the whole text."""

    text: str
    start: int
    words: tuple[str, ...]
    """The first few keywords, lower case, comments left out."""


def tokens(sql: str) -> Iterator[Token]:
    """Cut ``sql`` into tokens that join to the same text; block comments nest, as in Postgres."""
    at = 0
    while at < len(sql):
        match = _TOKEN.match(sql, at)
        assert match is not None, "the pattern's last branch takes any character"
        kind, end = match.lastgroup or "mark", match.end()
        if kind == "tag":
            kind = "dollar"
        if kind == "block":
            kind, end = "comment", _comment_end(sql, at)
        elif kind == "dollar":
            kind, close = "string", sql.find(match.group("dollar"), end)
            end = len(sql) if close < 0 else close + len(match.group("dollar"))
        elif kind == "escape":
            kind = "string"
        yield Token(kind, sql[at:end], at)
        at = end


def _comment_end(sql: str, at: int) -> int:
    """Find where the block comment that opens at ``at`` closes."""
    depth = 0
    for mark in _COMMENT_MARK.finditer(sql, at):
        depth += 1 if mark.group() == "/*" else -1
        if depth == 0:
            return mark.end()
    return len(sql)


def statements(sql: str) -> list[Statement]:
    """Cut ``sql`` at the semicolons that end a statement; empty ones are left out.

    Semicolons inside brackets, strings, comments and ``BEGIN ATOMIC … END`` bodies end nothing.
    """
    found: list[Statement] = []
    current: list[Token] = []
    body = _Body()
    for token in tokens(sql):
        if token.text == ";" and not body.is_open:
            _add(found, current)
            current, body = [], _Body()
        else:
            current.append(token)
            body.see(token)
    _add(found, current)
    return found


def _add(found: list[Statement], current: list[Token]) -> None:
    """Append what ``current`` holds to ``found`` unless it is blank."""
    solid = [token for token in current if not token.is_blank]
    if not solid:
        return
    text = "".join(token.text for token in current if token.start >= solid[0].start).rstrip()
    words = tuple(token.text.lower() for token in solid[:8] if token.kind == "word" or token.text == "(")
    found.append(Statement(text, solid[0].start, words))


class _Body:
    """Whether the statement so far is inside brackets or the body of an SQL-standard routine."""

    def __init__(self) -> None:
        self._brackets = 0
        self._blocks = 0
        self._words: list[str] = []

    @property
    def is_open(self) -> bool:
        return self._brackets > 0 or self._blocks > 0

    def see(self, token: Token) -> None:
        """Take the next token of the statement into account."""
        if token.text == "(":
            self._brackets += 1
        elif token.text == ")":
            self._brackets = max(0, self._brackets - 1)
        elif token.kind == "word":
            self._see_word(token.text.lower())

    def _see_word(self, word: str) -> None:
        if len(self._words) < 4:
            self._words.append(word)
        makes_routine = self._words[0] == "create" and any(word in self._words for word in _ROUTINES)
        if not makes_routine or self._brackets:
            return
        if word == "begin" or (word == "case" and self._blocks):
            self._blocks += 1
        elif word == "end" and self._blocks:
            self._blocks -= 1
