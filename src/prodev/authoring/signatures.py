"""The promise that the starter and the reference are asked by the same names, in the same way."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from prodev.authoring.evidence import Breach, Evidence

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def names_agree(evidence: Evidence) -> Iterator[Breach]:
    """Agree, in starter and reference, on public functions, classes and methods and on how they are called."""
    exercise = evidence.exercise
    for path in exercise.edited_files(exercise.starter):
        twin = exercise.reference / path
        if not path.endswith(".py") or not twin.is_file():
            continue
        found = {}
        for file in (exercise.starter / path, twin):
            try:
                found[file] = dict(_public(ast.parse(file.read_text(encoding="utf-8")).body))
            except SyntaxError as error:
                yield Breach(
                    f"{evidence.place(file)} is not valid Python: {error.msg}, line {error.lineno}.", "Mend the syntax."
                )
        if len(found) == 2:
            yield from _disagreements(path, *found.values())


def _disagreements(path: str, starter: dict[str, str], reference: dict[str, str]) -> Iterator[Breach]:
    for name in sorted(starter.keys() | reference.keys()):
        if name not in reference:
            yield Breach(
                f"{path}: the starter has '{name}' and the reference does not.",
                "Keep the name in the reference, or take it out of the starter.",
            )
        elif name not in starter:
            yield Breach(
                f"{path}: the reference has '{name}', which the starter does not promise.",
                f"Put its signature in the starter, or call it '_{name.split('.')[-1]}'.",
            )
        elif starter[name] != reference[name]:
            yield Breach(
                f"{path}: the starter promises '{starter[name]}' and the reference has '{reference[name]}'.",
                "Make the two signatures one.",
            )


def _public(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Names with their signatures. What only pytest asks for is left out: tests (``test_…``) and fixtures."""
    for node in body:
        if not isinstance(node, _Definition) or node.name.startswith(("_", "test_", "Test")):
            continue
        name = f"{prefix}{node.name}"
        if isinstance(node, ast.ClassDef):
            yield name, f"class {name}"
            yield from _public(node.body, f"{name}.")
        elif not any(_is_fixture(decorator) for decorator in node.decorator_list):
            kind = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
            returned = f" -> {ast.unparse(node.returns)}" if node.returns else ""
            yield name, f"{kind} {name}({ast.unparse(node.args)}){returned}"


def _is_fixture(decorator: ast.expr) -> bool:
    maker = decorator.func if isinstance(decorator, ast.Call) else decorator
    return ast.unparse(maker) in ("pytest.fixture", "fixture")
