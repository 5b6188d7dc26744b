"""Hostile submissions earn nothing that they do not deserve, and right ones in odd clothes keep their points."""

import tomllib
from pathlib import Path

import pytest

from prodev.course import Course
from prodev.grading import Grader

ATTACKS = sorted((Path(__file__).parents[1] / "attacks").iterdir())
TOY = Path(__file__).parents[1] / "toy_course"


@pytest.fixture(scope="module")
def grader():
    with Grader(Course(TOY).exercise("count-nights"), floor_s=0.4) as grader:
        yield grader


@pytest.mark.parametrize("folder", ATTACKS, ids=lambda folder: folder.name)
def test_an_attack_earns_what_it_deserves(grader, folder):
    attack = tomllib.loads((folder / "attack.toml").read_text(encoding="utf-8"))

    report = grader.grade(folder)

    messages = " ".join(test.message for task in report.tasks for test in task.tests) + report.problem
    assert report.earned == attack["earns"], f"{attack['attempts']} {messages}"
    assert report.outcome == ("passed" if attack["earns"] == report.points else "failed")
    assert attack.get("says", "") in messages


def test_the_grader_is_unharmed_after_all_of_them(grader):
    exercise = grader.exercise

    for folder in ATTACKS:
        if folder.name in {"floods-the-line", "patches-the-runner", "daemon-outlives", "recursion"}:
            grader.grade(folder)

    assert grader.grade(exercise.starter, exercise.reference).outcome == "passed"
