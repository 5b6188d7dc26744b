"""What a suite gives that cannot travel is the author's to mend, and never the candidate's fault."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

import pytest

from prodev.course import Course
from prodev.grading import Grader
from prodev.grading.given import NotPlain, encode_given
from prodev.grading.wire import Opaque, encode


@dataclass
class Stay:
    nights: int


@pytest.mark.parametrize(
    "value",
    [{"a": [1, (2.5, "x")]}, {Decimal("1")}, dt.date(2026, 5, 1), Stay(2), [Opaque("generator", "<generator>")]],
    ids=repr,
)
def test_plain_data_is_encoded_as_ever(value):
    assert encode_given(value) == encode(value)


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (range(3), r"range\(0, 3\)"),
        ([1, {"seats": range(2)}], r"range\(0, 2\)"),
        ({("a", object()): 1}, "<object object"),
        ((n for n in "ab"), "<generator object"),
    ],
)
def test_what_cannot_travel_is_named(value, named):
    with pytest.raises(NotPlain, match=f"gives the candidate {named}.*, which is not plain data"):
        encode_given(value)


def test_a_suite_that_gives_a_range_grades_nobody(tmp_path):
    exercise = tmp_path / "exercises/00-stays/ranged"
    for folder in ("starter", "tests"):
        (exercise / folder).mkdir(parents=True)
    (tmp_path / "modules").mkdir()
    (exercise / "starter/rooms.py").write_text("def count(rooms):\n    return len(rooms)\n")
    (exercise / "exercise.toml").write_text(
        'title = "Rooms"\nedit = ["rooms.py"]\nlevel = "warm-up"\nminutes = 5\nconcepts = ["lists"]\n'
        '[[task]]\nid = "counts"\ntitle = "Counts"\npoints = 1\n'
    )
    (exercise / "tests/test_rooms.py").write_text(
        "import pytest\n\n"
        '@pytest.mark.task("counts")\n'
        "def test_counts(candidate):\n"
        '    """Rooms are counted."""\n'
        '    assert candidate.call("rooms:count", range(3)) == 3\n'
    )
    ranged = Course(tmp_path).exercise("ranged")

    with Grader(ranged, warm=False) as grader:
        report = grader.grade(ranged.starter)

    assert report.outcome == "ungraded"
    assert "The suite gives the candidate range(0, 3)" in report.tasks[0].first_message
