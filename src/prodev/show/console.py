"""The one console, and the few styles that everything shown is made of."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.text import Text
from rich.theme import Theme

from prodev.errors import ProDevError
from prodev.show.text import clean

WIDEST = 100

THEME = Theme(
    {
        "good": "green",
        "bad": "bold red",
        "unsure": "yellow",
        "faint": "dim",
        "strong": "bold",
        "todo": "cyan",
        "saw": "bold",
        "why": "italic",
    }
)
MARKS = {"passed": ("✓", "good"), "failed": ("✗", "bad"), "ungraded": ("?", "unsure")}


def make_console(*, stderr: bool = False) -> Console:
    """A console that takes text as it is: no markup, no emoji codes, no guesses at highlights.

    Rich itself honours NO_COLOR and leaves colour out where there is no terminal.
    """
    console = Console(stderr=stderr, theme=THEME, markup=False, emoji=False, highlight=False, soft_wrap=False)
    if console.width > WIDEST:
        console.width = WIDEST
    return console


def line(*parts: str | tuple[str, str]) -> Text:
    """One line from plain strings and (string, style) pairs, made safe to show."""
    return Text.assemble(*(clean(part) if isinstance(part, str) else (clean(part[0]), part[1]) for part in parts))


def mark(outcome: str) -> tuple[str, str]:
    """The sign for an outcome, with its style; letters where the terminal has no such sign."""
    sign, style = MARKS[outcome]
    encoding = (sys.stdout.encoding or "ascii").lower()
    plain = {"✓": "+", "✗": "x", "?": "?"}
    return (sign if "utf" in encoding else plain[sign]), style


def show_problem(error: ProDevError) -> None:
    """Print an error on standard error: what is wrong, then what to do about it."""
    console = make_console(stderr=True)
    console.print(line((error.problem, "bad")))
    if error.remedy:
        console.print(line(("→ ", "todo"), error.remedy))
