"""``prodev dev check``: what a maintainer sees, and the status that CI acts on."""

import pytest
from typer.testing import CliRunner

from prodev.authoring import PROMISES, check_exercise
from prodev.cli.dev import app
from prodev.course import Course, CourseError
from prodev.errors import ProDevError

QUICK = [promise for promise in PROMISES if not promise.mutates]


@pytest.fixture
def dev(toy, monkeypatch):
    """Type a command of ``prodev dev`` on the toy course."""
    monkeypatch.setenv("PRODEV_COURSE", str(toy.root))
    return lambda *arguments: CliRunner().invoke(app, arguments)


def test_a_good_course_is_a_line_for_each_part_and_status_0(dev):
    done = dev("check", "--no-mutants", "-j", "2")

    assert [line.split(" (")[0] for line in done.output.splitlines()] == [
        "modules/00-stays: good. Its order is complete.",
        "count-nights: good. 2 tasks, 1 accepted, 3 misconceptions.",
        "price-tag: good. 3 tasks, 1 accepted, 3 misconceptions.",
    ]
    assert done.exit_code == 0


def test_a_broken_exercise_is_named_with_status_1(dev, toy):
    toy.replace("E/README.md", "10 minutes", "ten minutes")

    done = dev("check", "--no-mutants", "count")

    assert "count-nights: 1 broken." in done.output
    assert "→ Make the two agree." in done.output
    assert done.exit_code == 1


def test_a_slug_that_is_none_is_an_error_with_a_suggestion(dev):
    done = dev("check", "count-night-s")

    assert isinstance(done.exception, CourseError)
    assert "Did you mean 'count-nights'?" in str(done.exception)


def test_what_cannot_be_graded_here_is_said_and_is_no_failure(toy):
    verdict = without_its_tool(toy)

    assert verdict.good
    assert "could not be graded" in verdict.lines()[0]
    assert "rare-tool cannot be had here" in verdict.lines()[0]


def test_what_cannot_be_graded_fails_where_services_are_required(toy, monkeypatch):
    monkeypatch.setenv("PRODEV_REQUIRE_SERVICES", "1")

    verdict = without_its_tool(toy)

    assert not verdict.good
    assert "It could not be graded: rare-tool cannot be had here" in "\n".join(verdict.lines())


def without_its_tool(toy):
    toy.replace("E/exercise.toml", "minutes = 10", 'minutes = 10\ntools = ["rare-tool"]')
    course = Course(toy.root)
    return check_exercise(course, course.exercise("count-nights"), promises=QUICK)


def test_mutants_are_shown_as_diffs_with_the_key_that_explains_them(dev, toy):
    toy.replace("E/tests/test_nights.py", "(date(2024, 5, 1), date(2024, 5, 1)), ", "")

    done = dev("mutants", "count-nights")

    assert "+    if check_out < check_in:" in done.output
    assert "to explain it: nights-" in done.output
    assert done.exit_code == 0


def test_a_learners_installation_is_told_what_it_lacks(dev, monkeypatch):
    monkeypatch.setattr("prodev.cli.dev.find_spec", lambda name: None)

    done = dev("check")

    assert isinstance(done.exception, ProDevError)
    assert "lacks cosmic_ray, sqlglot, tomlkit" in str(done.exception)
