"""What the documents show is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from prodev.cli import dev
from prodev.cli.app import app
from prodev.course import Course
from prodev.grading import grade

HOME = Path(__file__).resolve().parents[2]
NEXT_MILESTONE = {"grade"}
DOCUMENTS = sorted((HOME / "docs").rglob("*.md"))


def commands() -> set[str]:
    below_dev = typer.main.get_group(dev.app).commands
    return {"", "dev", *typer.main.get_group(app).commands, *(f"dev {name}" for name in below_dev)}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_every_command_in_a_document_exists(document):
    shown = set(re.findall(r"(?:^|`)prodev ?((?:dev )?[a-z]*)", document.read_text(), re.MULTILINE))

    assert shown - commands() - NEXT_MILESTONE == set()


def test_the_first_failure_reads_as_the_first_hour_says():
    exercise = Course(HOME).exercise("fix-the-assert")
    page = " ".join((HOME / "docs/learn/index.md").read_text().split())

    (task,) = grade(exercise, exercise.starter).tasks

    did, saw, why, look = task.first_message.splitlines()
    assert all(words in page for words in (task.tests[0].title, why, look))
    assert re.fullmatch(r"I asked for \d+ nights at \d+, with a cleaning fee of \d+\.", did)
    assert re.fullmatch(r"You answered \d+; .* is \d+\.", saw)
