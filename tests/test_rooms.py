"""A room of ``src/prodev`` imports only rooms above it, so that each can be read without those below."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "prodev"
ROOMS = [
    *("errors", "course", "testbed", "grading", "workspace", "cohort"),
    *("authoring", "lessons", "site", "show", "cli"),
]


def rooms_imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and room of every import of ours in ``path``, also of those inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            package, _, rest = name.partition(".")
            if package == "prodev" and rest.split(".")[0] in ROOMS:
                yield node.lineno, rest.split(".")[0]


def test_every_room_is_in_the_stack() -> None:
    found = {path.stem for path in SOURCE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}

    assert found - {"__init__"} <= set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_rooms_above_it(room: str) -> None:
    below = set(ROOMS[ROOMS.index(room) + 1 :])
    files = sorted((SOURCE / room).rglob("*.py")) or sorted(SOURCE.glob(f"{room}.py"))

    wrong = [
        f"{path.relative_to(SOURCE)}:{line} imports {imported}, which is below {room}"
        for path in files
        if "template" not in path.parent.name
        for line, imported in rooms_imported(path)
        if imported in below
    ]

    assert not wrong, "\n".join(wrong)


def test_only_show_and_the_command_line_know_colour() -> None:
    rich = [
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if path.relative_to(SOURCE).parts[0] not in ("show", "cli")
        and any(
            isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "rich"
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        )
    ]

    assert not rich
