"""Markdown of the course, in the terminal: a brief, a why, a solution, a hint."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.markdown import Heading, Markdown
from rich.padding import Padding
from rich.rule import Rule
from rich.syntax import Syntax
from rich.text import Text

from prodev.course import Exercise
from prodev.show.console import line
from prodev.show.text import clean, counted
from prodev.workspace.desk import Change
from prodev.workspace.help import Hints

_LESSON_LINK = re.compile(r"\[([^\]]+)\]\([^)]*?modules/[^/)]+/([\w-]+)\.ipynb[^)]*\)")
_EXERCISE_LINK = re.compile(r"\[([^\]]+)\]\((?:\.\./)+(?:exercises/)?(?:[\w-]+/)?([a-z][\w-]+)/(?:README\.md)?\)")


class _LeftHeading(Heading):
    """A heading at the left margin, as everything else here."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        text = self.text
        text.stylize("strong")
        yield text


class _Page(Markdown):
    elements = {**Markdown.elements, "heading_open": _LeftHeading}


def page(markdown: str) -> RenderableType:
    """Markdown laid out for the terminal, with commands in the place of links into the course."""
    text = _LESSON_LINK.sub(r"\1 (`prodev lesson \2`)", markdown)
    text = _EXERCISE_LINK.sub(r"\1 (`prodev start \2`)", text)
    return _Page(clean(text), hyperlinks=False, code_theme="ansi_dark", inline_code_lexer="")


def brief_page(exercise: Exercise) -> RenderableType:
    """The brief under a line of facts."""
    points = f" · {counted(exercise.points, 'point')}" if exercise.points else " · ungraded"
    facts = f"{exercise.level} · {counted(exercise.minutes, 'minute')}{points}"
    return Group(line((facts, "faint")), page(exercise.brief.read_text(encoding="utf-8")), Text())


def hint_block(hints: Hints) -> RenderableType:
    """The hints of a task so far, the newest last."""
    parts: list[RenderableType] = [line((hints.task.title, "strong"))]
    for number, hint in enumerate(hints.shown, start=1):
        newest = number == len(hints.shown)
        parts.append(Padding(line((f"{number}  {hint}", "none" if newest else "faint")), (0, 0, 0, 2)))
    if not hints.is_new:
        parts.append(line(("These are all the hints for this task.", "faint")))
    else:
        parts.append(line((f"{counted(hints.left, 'hint').capitalize()} left for this task.", "faint")))
    return Group(*parts)


def solution_page(exercise: Exercise) -> RenderableType:
    """The reference, file by file, then why it is written so."""
    parts: list[RenderableType] = []
    for path in exercise.edited_files(exercise.reference):
        content = (exercise.reference / path).read_text(encoding="utf-8")
        parts += [Rule(Text(path), style="faint", align="left"), code(content, Path(path)), Text()]
    if exercise.why.is_file():
        parts += [Rule(style="faint"), page(exercise.why.read_text(encoding="utf-8"))]
    return Group(*parts)


def code(content: str, path: Path) -> RenderableType:
    """Source text with its syntax coloured."""
    lexer = Syntax.guess_lexer(path.name, content)
    return Syntax(clean(content).rstrip(), lexer, theme="ansi_dark", background_color="default", word_wrap=True)


def diff_block(changes: Sequence[Change]) -> RenderableType:
    """Unified diffs, added and removed lines set apart by colour as well as by their sign."""
    styles = {"+": "good", "-": "bad", "@": "todo"}
    texts = [
        line((text, "strong" if text[:3] in ("+++", "---") else styles.get(text[:1], "none")))
        for change in changes
        for text in change.lines
    ]
    return Group(*texts)
