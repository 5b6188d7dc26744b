"""What is taken from a candidate's folder, and how it is laid out."""

import pytest

from prodev.course import Exercise
from prodev.grading.intake import take

TOML = """
title = "Pack it"
edit = ["setup.toml", "src/shop/**"]
level = "warm-up"
minutes = 5
concepts = ["packages"]

[[task]]
id = "packs"
title = "Packs"
points = 1
"""


@pytest.fixture
def answer(tmp_path):
    return tmp_path / "answer"


@pytest.fixture
def exercise(tmp_path, answer):
    exercise = Exercise(tmp_path / "course", "02-python", "pack-it")
    for folder in (exercise.starter, answer):
        (folder / "src" / "shop").mkdir(parents=True)
        (folder / "setup.toml").write_text("name = 'shop'\n")
        (folder / "src" / "shop" / "__init__.py").write_text("'''A shop.'''\n")
    (exercise.folder / "exercise.toml").write_text(TOML)
    return exercise


@pytest.mark.parametrize("content", ["", "\n"], ids=["empty", "blank"])
def test_a_file_that_matches_a_pattern_may_be_empty(exercise, answer, tmp_path, content):
    for name in ("py.typed", "__init__.py"):
        (answer / "src" / "shop" / name).write_text(content)

    taken = take(exercise, [answer], tmp_path / "tree")

    assert taken.problem == ""
    assert (taken.tree / "src" / "shop" / "py.typed").read_text() == content
    assert (taken.tree / "src" / "shop" / "__init__.py").read_text() == content


def test_a_file_that_is_listed_by_name_may_not(exercise, answer, tmp_path):
    (answer / "setup.toml").write_text("")

    taken = take(exercise, [answer], tmp_path / "tree")

    assert taken.problem.startswith("setup.toml is empty.")


def test_a_file_that_was_taken_away_does_not_come_back_from_the_starter(exercise, answer, tmp_path):
    (exercise.starter / "src" / "shop" / "old.py").write_text("x = 1\n")

    taken = take(exercise, [answer], tmp_path / "tree")

    assert taken.problem == ""
    assert not (taken.tree / "src" / "shop" / "old.py").exists()
