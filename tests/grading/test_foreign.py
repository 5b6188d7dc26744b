"""Exercises of another make, through an adapter: each example earns all points, and each stub none."""

from pathlib import Path

import pytest
from foreign import adopted

from prodev.grading import Grader

TRACK = Path(__file__).parents[1] / "foreign_track"
SLUGS = sorted(folder.name for folder in TRACK.iterdir())


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return adopted(TRACK, Path(__file__).with_name("bridge.py"), tmp_path_factory.mktemp("course"))


@pytest.mark.parametrize("slug", SLUGS)
def test_the_example_earns_every_point_and_the_stub_none(course, slug):
    exercise = course.exercise(slug)

    with Grader(exercise, floor_s=1.0) as grader:
        example = grader.grade(exercise.reference)
        stub = grader.grade(exercise.starter)

    assert (example.outcome, example.earned) == ("passed", example.points), example
    assert (stub.outcome, stub.earned) == ("failed", 0)
    assert {test.outcome for task in example.tasks for test in task.tests} == {"passed"}


def test_the_adapter_is_short():
    lines = Path(__file__).with_name("bridge.py").read_text().splitlines()

    assert len(SLUGS) >= 3
    assert len(lines) <= 30
