"""A scaffold works at once, says what to replace and what to type next, and never overwrites."""

import json

import nbformat
import pytest

from prodev.authoring import PROMISES, check_exercise, check_module, new_exercise, new_lesson, new_module
from prodev.course import Course, CourseError

READ = [promise for promise in PROMISES if not promise.grades]


def replaced(toy, *folders):
    """Take the author's part: every REPLACE-ME is gone."""
    for folder in folders:
        for path in toy.at(folder).rglob("*"):
            if path.is_file():
                path.write_text(path.read_text().replace("REPLACE-ME", "Ours"))


def test_a_new_exercise_keeps_every_promise_but_one(toy):
    course = Course(toy.root)

    scaffold = new_exercise(course, "00-stays/stays-that-meet")
    verdict = check_exercise(course, course.exercise("stays-that-meet"), promises=READ)

    assert [name for name, _ in verdict.broken] == ["nothing of the scaffold is left"]
    assert "solutions/00-stays/stays-that-meet/why.md" in verdict.lines()[2]
    assert "prodev dev check stays-that-meet" in scaffold.next


def test_a_new_exercise_whose_parts_are_replaced_is_good(toy):
    course = Course(toy.root)
    new_exercise(course, "00-stays/stays-that-meet")
    replaced(toy, "exercises/00-stays/stays-that-meet", "solutions/00-stays/stays-that-meet")

    verdict = check_exercise(course, course.exercise("stays-that-meet"))

    assert verdict.broken == []
    assert check_module(course, "00-stays").good


def test_the_order_keeps_its_comments(toy):
    toy.replace("M/module.toml", '"price-tag"]', '"price-tag",  # the last of the week\n]')

    new_exercise(Course(toy.root), "00-stays/stays-that-meet")

    text = toy.at("M/module.toml").read_text()
    assert "# the last of the week" in text
    assert [item.slug for item in Course(toy.root).module("00-stays").contents][-1] == "stays-that-meet"


def test_a_slug_that_is_planned_in_the_order_stays_where_it_is(toy):
    toy.replace("M/module.toml", '"half-open-stays", ', '"half-open-stays", "stays-that-meet", ')

    new_exercise(Course(toy.root), "00-stays/stays-that-meet")

    order = [item.slug for item in Course(toy.root).module("00-stays").contents]
    assert order == ["half-open-stays", "stays-that-meet", "count-nights", "price-tag"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("00-stays/count-nights", "exercises/00-stays/count-nights is there already"),
        ("00-stays/half-open-stays", "modules/00-stays/half-open-stays.ipynb is there already"),
        ("07-nowhere/a-thing", "names no place in a module"),
        ("count-days", "names no place in a module"),
        ("00-stays/Count_Days", "'Count_Days' is no slug"),
        ("00-stays/count-days-2", "'count-days-2' is no slug"),
    ],
)
def test_nothing_is_overwritten_and_no_name_is_bad(toy, name, words):
    before = {path: path.stat().st_mtime_ns for path in toy.root.rglob("*")}

    with pytest.raises(CourseError, match=words):
        new_exercise(Course(toy.root), name)

    assert {path: path.stat().st_mtime_ns for path in toy.root.rglob("*")} == before


def test_a_new_lesson_has_the_six_parts(toy):
    scaffold = new_lesson(Course(toy.root), "00-stays/who-sleeps-here")

    book = nbformat.read(scaffold.made[0], as_version=4)
    nbformat.validate(book)
    headings = [
        line
        for cell in book.cells
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()
        if line.startswith("#")
    ]
    assert headings == [
        "# Who sleeps here",
        "## What you will be able to do",
        "## Predict",
        "## Run",
        "## Explain",
        "## Break it",
        "## Now you",
    ]


def test_a_new_lesson_runs(toy):
    path = new_lesson(Course(toy.root), "00-stays/who-sleeps-here").made[0]
    cells = [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]
    room = {}

    for cell in cells:
        exec("".join(cell["source"]), room)

    assert room["meeting"][:3] == [3, 6, 9]


def test_a_new_module_is_named_by_a_free_week(toy):
    new_module(Course(toy.root), "02-python")

    assert Course(toy.root).module("02-python").contents == []
    with pytest.raises(CourseError, match="Week 02 is taken by modules/02-python"):
        new_module(Course(toy.root), "02-advanced-python")
    with pytest.raises(CourseError, match="'python' is no name of a module"):
        new_module(Course(toy.root), "python")
