"""Every command that the README shows exists, and its walk through the first exercise works as told."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from learner import Prodev

from prodev.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:[A-Z_]+=\S+ )?prodev [^`]+|make [^`]+)`")
RETURN = re.compile(r"^    return .*$", re.MULTILINE)


def commands() -> Iterator[list[str]]:
    for language, block in BLOCKS.findall(TEXT):
        if language == "sh":
            yield from (shlex.split(line) for line in block.splitlines())
    yield from (shlex.split(text) for text in INLINE.findall(TEXT))


def test_every_command_exists() -> None:
    ours = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    shown = list(commands())

    assert len(shown) > 15
    for words in shown:
        program, *arguments = [word for word in words if "=" not in word]
        match program:
            case "prodev":
                assert arguments[0] in ours, words
            case "make":
                assert set(arguments) <= targets, words
            case _:
                assert program in ("source", "docker"), words


def test_every_link_leads_somewhere() -> None:
    anchors = {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)}

    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        if target.startswith("#"):
            assert target[1:] in anchors, target
        else:
            assert (ROOT / target).exists(), target


def test_the_walk_works_as_told(prodev: Prodev, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Type the section 'The first exercise' line by line; only the doctor and the watch are left out."""
    monkeypatch.setenv("PRODEV_COURSE", str(ROOT))
    walk = TEXT.partition("## The first exercise")[2].partition("\n## ")[0]
    codes = []

    for language, block in BLOCKS.findall(walk):
        if language == "python":
            answer = home / "mine/00-warm-up/fix-the-assert/price.py"
            answer.write_text(RETURN.sub(block.rstrip("\n"), answer.read_text()))
        for line in block.splitlines() if language == "sh" else ():
            command = shlex.split(line)[1:]
            if command in (["doctor"], ["watch"]):
                continue
            said = prodev(*command, *(["mine"] if command == ["init"] else []))
            monkeypatch.chdir(home / "mine")
            codes.append((command[0], said.code))

    assert codes == [("init", 0), ("start", 0), ("run", 1), ("hint", 0), ("run", 0), ("solution", 0), ("next", 0)]
