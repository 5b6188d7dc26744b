"""The promise that every test decides: a suite leaves none out, and expects none to fail."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from prodev.authoring.evidence import Breach, Evidence

_REFUSED = ("skip", "skipif", "xfail", "importorskip", "SkipTest", "skipIf", "skipUnless", "expectedFailure")
_HOMES = ("pytest", "pytest.mark", "unittest")


def every_test_decides(evidence: Evidence) -> Iterator[Breach]:
    """Neither skip a test of the suite nor expect it to fail, by mark or by call."""
    for path in sorted(evidence.exercise.tests.rglob("*.py")):
        for line, name in skips_in(path.read_text(encoding="utf-8")):
            yield Breach(
                f"{evidence.place(path)} line {line} uses {name}. The judge sets up and runs each test by itself: "
                "a mark that skips or excuses has no effect there, and a call counts as the learner's failure.",
                "Remove it, and the test with it if it cannot decide. What the test needs of a machine belongs in "
                "'services' or 'tools' of exercise.toml: where that is missing, the report says 'could not grade'.",
            )


def skips_in(text: str) -> list[tuple[int, str]]:
    """Find what skips a test or excuses its failure: line and dotted name, under whatever name it was imported."""
    try:
        tree = ast.parse(text)
    except SyntaxError:  # collecting the suite says so
        return []
    known = _imported(tree)
    found = set()
    for node in ast.walk(tree):
        name = _dotted(node, known) if isinstance(node, (ast.Attribute, ast.Name)) else ""
        home, _, last = name.rpartition(".")
        if last in _REFUSED and home in _HOMES:
            found.add((node.lineno, name))  # type: ignore[attr-defined]
    return sorted(found)


def _imported(tree: ast.AST) -> dict[str, str]:
    """What each imported name stands for."""
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom):
            known |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return known


def _dotted(node: ast.expr, known: dict[str, str]) -> str:
    """The full name of ``a.b.c``; empty for anything else."""
    if isinstance(node, ast.Name):
        return known.get(node.id, node.id)
    before = _dotted(node.value, known) if isinstance(node, ast.Attribute) else ""
    return f"{before}.{node.attr}" if before and isinstance(node, ast.Attribute) else ""
