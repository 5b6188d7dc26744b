"""Answers that look alike, laid out to be read side by side: matching lines numbered, the others cut short."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from prodev.cohort.results import Alike, CohortReport
from prodev.show.cohort_text import legal

MOST_PAIRS = 400
"""Pairs that the page lists."""
MOST_CODE = 1_500_000
"""Characters of code on the page with what marks it up, of all pairs together; those less alike go without."""
_MOST_LINES = 160
_MOST_READ = 64_000
_MARKUP_OF_LINE = 20
_LONGEST_LINE = 160
_AROUND = 2

Marks = Sequence[tuple[str, int, int]]
"""Matching lines of one side: path, first, last, from 1. Its place is the number of the match."""


class Block(NamedTuple):
    """Lines that stand together. ``match`` is their match's number from 1, 0 for none; ``left_out`` counts lines."""

    match: int
    lines: tuple[str, ...] = ()
    left_out: int = 0


class Side(NamedTuple):
    """One learner's answer: blocks by path."""

    learner: int
    files: list[tuple[str, list[Block]]]


class Pair(NamedTuple):
    """Two answers; without ``sides`` where the page has no room for them. ``also`` are other exercises alike."""

    number: int
    exercise: int
    one: int
    other: int
    share: float
    sides: tuple[Side, ...]
    also: tuple[int, ...]


class Circle(NamedTuple):
    """Answers to one exercise that hang together, each alike with at least one of the others."""

    exercise: int
    learners: tuple[int, ...]
    pairs: list[Pair]


def circles_of(report: CohortReport) -> list[Circle]:
    """The pairs of the report, gathered: the largest likeness first. At most MOST_PAIRS are looked at."""
    who = {handed.name: number for number, handed in enumerate(report.submissions)}
    what = {asked.slug: number for number, asked in enumerate(report.exercises)}
    found = [each for each in report.alike if each.exercise in what and {each.one, each.other} <= who.keys()]
    found = sorted(found, key=lambda each: -each.share)[:MOST_PAIRS]
    together: dict[frozenset[str], list[int]] = {}
    for each in found:
        together.setdefault(frozenset((each.one, each.other)), []).append(what[each.exercise])
    pairs, left = [], MOST_CODE
    for number, each in enumerate(found):
        sides = tuple(_sides(each, who)) if left > 0 else ()
        left -= sum(_MARKUP_OF_LINE + len(line) for line in _lines_of(sides))
        here = what[each.exercise]
        also = tuple(sorted({*together[frozenset((each.one, each.other))]} - {here}))
        pairs.append(Pair(number, here, who[each.one], who[each.other], each.share, sides, also))
    return list(_gathered(pairs))


def _lines_of(sides: Sequence[Side]) -> Iterator[str]:
    return (line for side in sides for _, blocks in side.files for block in blocks for line in block.lines)


def _gathered(pairs: Sequence[Pair]) -> Iterator[Circle]:
    """Pairs that have a learner in common as one circle, in the order of their first pair."""
    circles: list[tuple[int, set[int], list[Pair]]] = []
    for pair in pairs:
        met = [circle for circle in circles if circle[0] == pair.exercise and circle[1] & {pair.one, pair.other}]
        home = met[0] if met else (pair.exercise, set[int](), list[Pair]())
        if not met:
            circles.append(home)
        for circle in met[1:]:
            circles.remove(circle)
            home[1].update(circle[1])
            home[2].extend(circle[2])
        home[1].update((pair.one, pair.other))
        home[2].append(pair)
    for exercise, learners, its_pairs in circles:
        yield Circle(exercise, tuple(sorted(learners)), sorted(its_pairs))


def _sides(each: Alike, who: Mapping[str, int]) -> Iterator[Side]:
    left = [(path, first, last) for path, first, last, _, _, _ in each.marks]
    right = [(path, first, last) for _, _, _, path, first, last in each.marks]
    for name, texts, marks in ((each.one, each.left, left), (each.other, each.right, right)):
        yield Side(who[name], list(_files(texts, marks)))


def _files(texts: Mapping[str, str], marks: Marks) -> Iterator[tuple[str, list[Block]]]:
    """The files with a match in them, the first _MOST_LINES lines that are worth showing."""
    room = _MOST_LINES
    for path in dict.fromkeys(path for path, _, _ in marks if path in texts):
        lines = texts[path][:_MOST_READ].removesuffix("\n").split("\n")
        numbers = {
            line: number
            for number, (its_path, first, last) in reversed(list(enumerate(marks, start=1)))
            if its_path == path
            for line in range(first, min(last, len(lines), first + _MOST_LINES) + 1)
        }
        near = {line + by for line in numbers for by in range(-_AROUND, _AROUND + 1)}
        shown = [line for line in range(1, len(lines) + 1) if line in near][:room]
        room -= len(shown)
        yield path, list(_blocks(lines, shown, numbers))
        if not room:
            return


def _blocks(lines: Sequence[str], shown: Sequence[int], numbers: Mapping[int, int]) -> Iterator[Block]:
    before, match, texts = 0, -1, list[str]()
    for line in [*shown, len(lines) + 1]:
        if texts and (line != before + 1 or numbers.get(line, 0) != match or line > len(lines)):
            yield Block(match, tuple(texts))
            texts = []
        if line > before + 1:
            yield Block(0, left_out=line - before - 1)
        if line <= len(lines):
            match = numbers.get(line, 0)
            texts.append(_line(line, lines[line - 1]))
        before = line


def _line(number: int, text: str) -> str:
    shown = legal(text[: 2 * _LONGEST_LINE])
    return f"{number:>4}  {shown if len(shown) <= _LONGEST_LINE else f'{shown[:_LONGEST_LINE]}…'}"
