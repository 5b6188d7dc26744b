"""Mutants of shell scripts: a short, honest list of changes to a line. No library mutates shell that we know of."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator

from prodev.authoring.mutant import Mutant

_CHANGES = (
    ("no option", r"(?<=\s)--?[A-Za-z][\w-]*(?==?)(?=[\s=]|$)", ""),
    ("unquoted", r'"(\$\{?\w+\}?)"', r"\1"),
    ("or for and", r"&&", "||"),
    ("and for or", r"\|\|", "&&"),
    ("other status", r"\bexit 0\b", "exit 1"),
    ("other status", r"\bexit [1-9]\d*\b", "exit 0"),
    ("other comparison", r"-eq\b", "-ne"),
    ("other comparison", r"-ne\b", "-eq"),
    ("other comparison", r"-lt\b", "-le"),
    ("other comparison", r"-le\b", "-lt"),
    ("other comparison", r"-gt\b", "-ge"),
    ("other comparison", r"-ge\b", "-gt"),
    ("other comparison", r" == ", " != "),
    ("other comparison", r" != ", " == "),
    ("not negated", r"(?<=\s)! ", ""),
    ("truncates", r">>", ">"),
)
_STRUCTURE = re.compile(r"^(if|then|else|elif|fi|for|while|until|do|done|case|esac|function|[{}]|;;|.*[({\\]$)\b|^$")


def mutants_of_shell(file: str, source: str) -> Iterator[Mutant]:
    """Yield the mutants of a script that bash can still read."""
    seen = {source}
    lines = source.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if line.lstrip().startswith("#"):
            continue
        for operator, changed in _changes(line):
            after = "".join([*lines[:number], changed, *lines[number + 1 :]])
            if after not in seen and _is_read(after):
                seen.add(after)
                yield Mutant(file, operator, file, source, after)


def _changes(line: str) -> Iterator[tuple[str, str]]:
    if not _STRUCTURE.match(line.strip()):
        indentation = line[: len(line) - len(line.lstrip())]
        yield "no line", f"{indentation}:\n"
    for operator, pattern, replacement in _CHANGES:
        for found in re.finditer(pattern, line):
            yield operator, line[: found.start()] + found.expand(replacement) + line[found.end() :]


def _is_read(script: str) -> bool:
    return subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False).returncode == 0
