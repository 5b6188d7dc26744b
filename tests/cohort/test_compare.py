"""Two gradings compared: who gained or lost what, and why."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest
from handing_in import NIGHTS, RIGHT, TOY, graded, in_folder, in_zip

from prodev.cohort.compare import Change, compare
from prodev.cohort.results import CohortReport
from prodev.course import Course


def changes(before: CohortReport, after: CohortReport) -> dict[tuple[str, str], Change]:
    return {(change.submission, change.exercise): change for change in compare(before, after)}


def test_nothing_changes_between_two_equal_runs(before: CohortReport) -> None:
    report = before

    assert compare(report, report) == ()


def test_a_mended_answer_gains_points_because_its_files_are_others(
    cohort: Path, out: Path, before: CohortReport
) -> None:
    in_zip(cohort / "ben.zip", {NIGHTS: RIGHT + "# mended"})

    ((place, change),) = changes(before, graded(cohort, out)).items()

    assert place == ("ben", "count-nights")
    assert (change.before, change.after, change.why) == (1.0, 3.0, ("The files are others.",))
    (task,) = change.tasks
    assert (task.id, task.before, task.after) == ("half-open", 0, 2)
    assert {(test.before, test.after) for test in task.tests} == {("failed", "passed")}
    assert len(task.tests) == 3


def test_a_stricter_suite_takes_points_because_the_tests_changed(
    cohort: Path, out: Path, tmp_path: Path, before: CohortReport
) -> None:
    shutil.copytree(TOY, tmp_path / "toy")
    suite = tmp_path / "toy/exercises/00-stays/price-tag/tests/test_tag.py"
    text = suite.read_text().replace('currency == "EUR"', 'currency == "XTS"')
    suite.write_text(text)

    ((place, change),) = changes(before, graded(cohort, out, course=Course(tmp_path / "toy"))).items()

    assert place == ("ada", "price-tag")
    assert (change.before, change.after) == (4.0, 3.0)
    assert change.why == ("The exercise changed: its tests, its starter or its description.",)
    assert [(test.before, test.after) for task in change.tasks for test in task.tests] == [("passed", "failed")]


def test_tests_that_came_and_went_are_told(cohort: Path, out: Path, tmp_path: Path, before: CohortReport) -> None:
    shutil.copytree(TOY, tmp_path / "toy")
    suite = tmp_path / "toy/exercises/00-stays/price-tag/tests/test_tag.py"
    suite.write_text(suite.read_text().replace("test_names_the_currency", "test_says_the_currency"))

    change = changes(before, graded(cohort, out, course=Course(tmp_path / "toy")))["ada", "price-tag"]

    assert [(test.before, test.after) for task in change.tasks for test in task.tests] == [
        (None, "passed"),
        ("passed", None),
    ]
    assert (change.before, change.after) == (4.0, 4.0)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"edition": "0.0.9"}, "The edition changed from 0.0.9 to "),
        ({"grader": "another"}, "The code that grades changed within the edition."),
    ],
)
def test_another_grader_is_a_reason(before: CohortReport, what: dict[str, str], said: str) -> None:
    earlier = msgspec.structs.replace(with_other_points(before), **what)

    (change,) = compare(earlier, before)

    assert change.why[0].startswith(said)


def test_a_flaky_result_is_called_one(before: CohortReport) -> None:
    (change,) = compare(with_other_points(before), before)

    assert change.why == ("Nothing changed: the same files came out otherwise when they were graded again.",)


def with_other_points(report: CohortReport) -> CohortReport:
    first, *rest = report.results
    return msgspec.structs.replace(report, results=(msgspec.structs.replace(first, awarded=0.5), *rest))


def test_lateness_is_a_reason(cohort: Path, out: Path, before: CohortReport) -> None:
    late = msgspec.structs.replace(before.results[0], awarded=1.5, late="5 days late: 50 % of 3 points")
    after = msgspec.structs.replace(before, results=(late, *before.results[1:]))

    assert compare(before, after)[0].why == ("Lateness counts otherwise: 5 days late: 50 % of 3 points.",)
    assert compare(after, before)[0].why == ("Lateness counts otherwise: it is in time.",)


def test_who_came_and_who_went_is_told(cohort: Path, out: Path, before: CohortReport) -> None:
    (cohort / "ben.zip").unlink()
    in_folder(cohort / "eve")

    found = changes(before, graded(cohort, out))

    assert {place: (change.before, change.after, change.why) for place, change in found.items()} == {
        ("eve", "count-nights"): (None, 3.0, ("It was not handed in before.",)),
        ("ben", "count-nights"): (1.0, None, ("It is not handed in any more.",)),
    }
