"""Which answers to an exercise look alike, once what everybody was given or writes is left out.

Token runs are fingerprinted and thinned out by winnowing: S. Schleimer, D. S. Wilkerson, A. Aiken, "Winnowing: local
algorithms for document fingerprinting", SIGMOD 2003. The tokens are cut by two expressions of our own, since the
standard library's tokenizer raises on broken files and cuts differently in every version of Python, and a
report must not depend on the machine that made it.
"""

from __future__ import annotations

import hashlib
import itertools
import keyword
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from prodev.cohort.results import Alike

RUN = 12
"""Tokens in a fingerprinted run: shorter matches are never seen."""
WINDOW = 5
"""Runs of which one is kept: a match of RUN + WINDOW - 1 tokens is always seen."""
SHARE = 0.5
"""The share from which on two answers are reported."""
FEWEST = 60
"""Tokens that must be shared, about seven lines: shorter answers have few shapes, and chance is likely."""
CLASS = 6
"""Submissions from which on there is a class, whose common code is left out."""
CLOSEST = 3
"""Pairs kept for each submission: of a ring of fifty there are enough to see it, and not 1,225."""
_MOST_CHARACTERS = 64_000

_PYTHON = re.compile(
    r"""
    (?P<space>\s+|\#[^\n]*)
  | (?P<string>[bBfFrRtTuU]{0,2}(?:'{3}(?:\\.|[^\\]|\\\Z)*?(?:'{3}|\Z)|"{3}(?:\\.|[^\\]|\\\Z)*?(?:"{3}|\Z)
        |'(?:\\.|[^'\\\n])*'?|"(?:\\.|[^"\\\n])*"?))
  | (?P<name>[^\W\d]\w*)
  | (?P<number>\d[\w.]*)
  | \*\*=?|//=?|<<=?|>>=?|->|[-+*/%&|^<>=!@:]=|\S
    """,
    re.VERBOSE | re.DOTALL,
)
_IN_C = r"//[^\n]*|/\*.*?(?:\*/|\Z)"
_COMMENTS = {
    ".sql": r"--[^\n]*|/\*.*?(?:\*/|\Z)",
    ".html": r"<!--.*?(?:-->|\Z)",
    **dict.fromkeys((".js", ".ts", ".css", ".c", ".go", ".java", ".rs"), _IN_C),
}
_HASH = r"(?<!\S)\#[^\n]*"


class _File:
    """One file as tokens, each with its first and last line; ``common`` marks those that are nobody's own."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.tokens: list[str] = []
        self.lines: list[tuple[int, int]] = []
        for token, first, last in _tokens(path, text):
            self.tokens.append(token)
            self.lines.append((first, last))
        self.common = bytearray(len(self.tokens))

    def runs(self) -> list[int]:
        """A number for every run of RUN tokens."""
        starts = range(len(self.tokens) - RUN + 1)
        return [_number("\0".join(self.tokens[start : start + RUN])) for start in starts]

    def set_aside(self, start: int) -> None:
        """Mark the run at ``start`` as common."""
        self.common[start : start + RUN] = b"\1" * RUN


class _Answer:
    """An answer's fingerprints, each with the file and the token where it first stands."""

    def __init__(self, texts: Mapping[str, str], given: frozenset[int]) -> None:
        self.texts = {_legal(path): text for path, text in _short_texts(texts)}
        self.files = [_File(path, text) for path, text in self.texts.items()]
        self.prints: dict[int, tuple[_File, int]] = {}
        for file in self.files:
            runs = [None if run in given else run for run in file.runs()]
            for start, run in enumerate(runs):
                if run is None:
                    file.set_aside(start)
            for start in _winnowed(runs):
                run = runs[start]
                if run is not None:
                    self.prints.setdefault(run, (file, start))

    def set_aside(self, common: frozenset[int]) -> None:
        """Leave out the fingerprints that most of the class has."""
        for run in self.prints.keys() & common:
            file, start = self.prints.pop(run)
            file.set_aside(start)

    def covered_by(self, other: _Answer) -> int:
        """How many of its tokens lie in runs that ``other`` has too."""
        spots: dict[int, list[int]] = {}
        for run in self.prints.keys() & other.prints.keys():
            file, start = self.prints[run]
            spots.setdefault(id(file), []).append(start)
        return sum(RUN + sum(min(RUN, gap) for gap in _gaps(sorted(starts))) for starts in spots.values())


def alike(exercise: str, answers: Mapping[str, Mapping[str, str]], starter: Mapping[str, str]) -> tuple[Alike, ...]:
    """Find the pairs of answers to one exercise that share most of what is their own, the most alike first.

    ``answers`` maps a submission to its texts by path, ``starter`` a path to its text. Left out are the starter's
    code and, among six submissions or more, what more than half of them share. Only the first 64,000 characters of
    an answer are looked at, and pairs that share fewer than FEWEST tokens are none: short right answers are alike by
    nature. A submission stands in more than CLOSEST pairs only for the sake of the others.
    """
    given = frozenset(run for path, text in starter.items() for run in _File(path, _legal(text)).runs())
    read = {name: _Answer(answers[name], given) for name in sorted(answers)}
    _set_class_aside(list(read.values()))
    found = [pair for pair in _pairs(read) if pair[0] >= SHARE]
    kept = _closest(sorted(found, key=lambda pair: (-pair[0], pair[1:])), read)
    return tuple(
        Alike(exercise, one, other, share, read[one].texts, read[other].texts, _marks(read[one], read[other]))
        for share, one, other in kept
    )


def _set_class_aside(answers: list[_Answer]) -> None:
    if len(answers) < CLASS:
        return
    holders = Counter(itertools.chain.from_iterable(answer.prints for answer in answers))
    common = frozenset(run for run, count in holders.items() if 2 * count > len(answers))
    for answer in answers:
        answer.set_aside(common)


def _pairs(read: Mapping[str, _Answer]) -> Iterator[tuple[float, str, str]]:
    """Every two answers that share enough fingerprints, found through an index of who holds which."""
    holders: dict[int, list[str]] = {}
    for other, answer in read.items():
        shared = Counter(itertools.chain.from_iterable(holders.get(run, ()) for run in answer.prints))
        for one, count in shared.items():
            if count * RUN >= FEWEST:
                yield round(count / min(len(read[one].prints), len(answer.prints)), 4), one, other
        for run in answer.prints:
            holders.setdefault(run, []).append(other)


def _closest(pairs: list[tuple[float, str, str]], read: Mapping[str, _Answer]) -> Iterator[tuple[float, str, str]]:
    """The pairs that share enough to mean anything, until both of a pair have CLOSEST."""
    seen: Counter[str] = Counter()
    for share, one, other in pairs:
        if min(seen[one], seen[other]) < CLOSEST and read[one].covered_by(read[other]) >= FEWEST:
            seen.update((one, other))
            yield share, one, other


def _marks(one: _Answer, other: _Answer) -> tuple[tuple[str, int, int, str, int, int], ...]:
    """The line ranges that match: each shared fingerprint, widened as far as the tokens agree."""
    taken = {id(file): bytearray(file.common) for answer in (one, other) for file in answer.files}
    spans = []
    for run in one.prints.keys() & other.prints.keys():
        (left, start), (right, at) = one.prints[run], other.prints[run]
        spans.append((left.path, start, right.path, at, left, right))
    found = []
    for _, start, _, at, left, right in sorted(spans, key=lambda span: span[:4]):
        free, its_free = taken[id(left)], taken[id(right)]
        if free[start : start + RUN] == its_free[at : at + RUN] == b"\2" * RUN:
            continue
        before, after = _reach(left, start, right, at, free, its_free)
        first, last, its_first, its_last = start - before, start + RUN + after, at - before, at + RUN + after
        free[first:last] = its_free[its_first:its_last] = b"\2" * (last - first)
        while left.common[first] and first < last - 1:
            first, its_first = first + 1, its_first + 1
        while left.common[last - 1] and first < last - 1:
            last, its_last = last - 1, its_last - 1
        found.append((left.path, *_lines(left, first, last), right.path, *_lines(right, its_first, its_last)))
    return tuple(_joined(found))


def _reach(left: _File, start: int, right: _File, at: int, free: bytearray, its_free: bytearray) -> tuple[int, int]:
    """How many more tokens agree before and after the run, up to what is common or already matched."""

    def agree(here: int, there: int) -> bool:
        return not free[here] and not its_free[there] and left.tokens[here] == right.tokens[there]

    before, after = 0, 0
    while before < min(start, at) and agree(start - before - 1, at - before - 1):
        before += 1
    most = min(len(left.tokens) - start, len(right.tokens) - at) - RUN
    while after < most and agree(start + RUN + after, at + RUN + after):
        after += 1
    return before, after


def _lines(file: _File, first: int, last: int) -> tuple[int, int]:
    return file.lines[first][0], file.lines[last - 1][1]


def _joined(
    marks: list[tuple[str, int, int, str, int, int]],
) -> Iterator[tuple[str, int, int, str, int, int]]:
    """Marks that touch on both sides as one."""
    current: tuple[str, int, int, str, int, int] | None = None
    for mark in sorted(set(marks)):
        path, first, last, its_path, its_first, its_last = mark
        if (
            current
            and (path, its_path) == (current[0], current[3])
            and first <= current[2] + 1
            and current[4] <= its_first <= current[5] + 1
        ):
            current = (path, current[1], max(last, current[2]), its_path, current[4], max(its_last, current[5]))
            continue
        if current:
            yield current
        current = mark
    if current:
        yield current


def _gaps(starts: list[int]) -> Iterator[int]:
    return (after - before for before, after in itertools.pairwise(starts))


def _winnowed(runs: list[int | None]) -> list[int]:
    """Where the smallest run of each window stands, the rightmost of equals."""
    chosen: dict[int, None] = {}
    for start in range(max(len(runs) - WINDOW + 1, min(len(runs), 1))):
        window = [(run, -at) for at, run in enumerate(runs[start : start + WINDOW], start) if run is not None]
        if window:
            chosen[-min(window)[1]] = None
    return list(chosen)


def _tokens(path: str, text: str) -> Iterator[tuple[str, int, int]]:
    """Each token with its first and last line; Python's names look all the same, and so do its literals."""
    python = path.endswith(".py")
    comment = _COMMENTS.get(PurePosixPath(path).suffix, _HASH)
    other = rf"(?P<space>\s+|{comment})|\w+|\S"
    line, read = 1, 0
    for match in _PYTHON.finditer(text) if python else re.finditer(other, text, re.DOTALL):
        line += text.count("\n", read, match.start())
        read = match.start()
        kind, token = match.lastgroup, match[0]
        if kind == "space":
            continue
        last = line + token.count("\n")
        if kind == "name" and not keyword.iskeyword(token):
            token = "n"
        elif kind in ("string", "number"):
            token = kind
        yield (token if python else token.casefold()), line, last


def _number(run: str) -> int:
    return int.from_bytes(hashlib.blake2b(run.encode(), digest_size=8).digest())


def _short_texts(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    left = _MOST_CHARACTERS
    for path in sorted(texts):
        text = _legal(texts[path])[:left].replace("\r\n", "\n")
        left -= len(text)
        yield path, text


def _legal(text: str) -> str:
    """``text`` without lone surrogates, which neither a hash nor JSON takes."""
    return text.encode("utf-8", "replace").decode()
