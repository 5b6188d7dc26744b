"""Markdown as GitHub and Jupyter read it, made fit for Python-Markdown.

Authors write briefs and notebooks for three readers: an editor, a notebook and this site. The first
two follow CommonMark; Python-Markdown wants a blank line before a list, four columns for what is
nested in one, and a word before it looks inside ``<details>``.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_FENCE = re.compile(r"\s*(`{3,}(?!.*`)|~{3,})")
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s+(?=\S)")
_INLINE_CODE = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
_LINK = re.compile(
    r"(?<!\\)(?P<picture>!?)\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]\((?P<inline>[^()\s]+)(?=[\s)])"
    r"|^ {0,3}\[[^\]^]+\]:[ ]+(?P<reference>\S+)"
    r"|\s(?:href|src)=\"(?P<attribute>[^\"]+)(?=\")",
    re.MULTILINE,
)
_COLUMNS = 4


def normalise(text: str) -> str:
    """Give lists, tables, fences and details the shape that Python-Markdown wants."""
    nesting = _Nesting()
    for line in text.expandtabs(_COLUMNS).splitlines():
        nesting.add(line)
    return re.sub(r"<details(?![^>]*markdown)", '<details markdown="1"', "\n".join(nesting.lines)) + "\n"


class _Nesting:
    """Re-indents line by line.

    For every open list item, and for a fence, it knows the column in the source and the one on the page.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._open: list[tuple[int, int]] = []
        self._fence = ""
        self._fence_columns = (0, 0)

    def add(self, line: str) -> None:
        indent = len(line) - len(line.lstrip())
        if not line.strip():
            self.lines.append("")
        elif self._fence:
            source, page = self._fence_columns
            self.lines.append(" " * (page + max(0, indent - source)) + line.lstrip())
            self._fence = "" if line.strip() == self._fence else self._fence
        else:
            self._add_text(line, indent)

    def _add_text(self, line: str, indent: int) -> None:
        item, fence = _ITEM.match(line), _FENCE.match(line)
        above = self.lines[-1].strip() if self.lines else ""
        in_list = bool(self._open)
        if item or fence or not above:
            while self._open and indent < self._open[-1][0]:
                self._open.pop()
        begins_table = line.lstrip().startswith("|") and not above.startswith("|")
        if above and ((item and not in_list) or fence or begins_table):
            self.lines.append("")
        page = self._column(indent)
        self.lines.append(" " * page + line.lstrip())
        if item:
            self._open.append((item.end(), page + _COLUMNS))
        elif fence:
            self._fence, self._fence_columns = fence[1], (indent, page)

    def _column(self, indent: int) -> int:
        """Where a line that is indented in the source begins on the page; less than a code block's worth is lost."""
        if not self._open:
            return indent
        source, page = self._open[-1]
        further = indent - source
        return page + (further if further >= _COLUMNS else 0)


def replace_links(text: str, replace: Callable[[str], str]) -> str:
    """Put ``replace(target)`` for the target of every link and picture that stands outside code.

    Raises ValueError for a picture without a text that says what it shows.
    """
    written: list[str] = []
    end = 0
    for match in _LINK.finditer(_without_code(text)):
        kind = match.lastgroup or ""
        start, stop = match.span(kind)
        target = text[start:stop]
        if match["picture"] and not match["text"].strip():
            raise ValueError(f"the picture '{target}' has no alt text")
        written += [text[end:start], replace(target)]
        end = stop
    return "".join([*written, text[end:]])


def heading_of(text: str) -> str:
    """The words of the first heading of the first level, if there is one."""
    found = re.search(r"^# (.+?)\s*(?:\{.*\})?$", text, re.MULTILINE)
    return found[1] if found else ""


def asks_for_mermaid(text: str) -> bool:
    """Whether a fence holds a diagram whose script the theme would fetch from a foreign host."""
    return re.search(r"^\s*[`~]{3,}\s*\{?\s*\.?mermaid", text, re.MULTILINE) is not None


def _without_code(text: str) -> str:
    """Blank out fences and inline code, so that what stands in ``text`` keeps its place."""
    lines: list[str] = []
    fence = ""
    for line in text.splitlines(keepends=True):
        opening = None if fence else _FENCE.match(line)
        lines.append(_blank(line) if fence or opening else line)
        if opening:
            fence = opening[1]
        elif fence and line.strip() == fence:
            fence = ""
    return _INLINE_CODE.sub(lambda code: _blank(code[0]), "".join(lines))


def _blank(text: str) -> str:
    return re.sub(r"\S", "x", text)
