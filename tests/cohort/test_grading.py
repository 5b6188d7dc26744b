"""A cohort is graded once; afterwards only what changed is, and every answer gets what is its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import jsonschema
import msgspec
import pytest
from handing_in import NIGHTS, RIGHT, TOY, WRONG, graded, in_folder, in_zip

from prodev.cohort.candidates import Candidate
from prodev.cohort.engine import Engine, Graded, Job, graded_blank
from prodev.cohort.grade import Grading, Step, asked_of
from prodev.cohort.local import LocalEngine
from prodev.cohort.results import CohortReport, cohort_json, cohort_schema
from prodev.cohort.sources import call_in
from prodev.cohort.store import Store
from prodev.course import Course
from prodev.errors import ProDevError

JOBS = 4 + 3 + 3
"""Four answers to two exercises that have three misconceptions each."""
CANNOT = "def nights(a, b):\n    return (b - a).days * 2\n"


class Counting:
    """The local engine, and the jobs that it was given."""

    def __init__(
        self, course: Course | None = None, *, stop_after: int | None = None, isolation: str | None = None
    ) -> None:
        self.jobs: list[Job] = []
        course = course or Course(TOY)
        self._local = LocalEngine({exercise.slug: exercise for exercise in course.exercises}, slots=1)
        self._stop_after = stop_after
        self._isolation = isolation

    def __call__(self, jobs: Sequence[Job], candidate_of: Callable[[str], Candidate]) -> Generator[Graded, None, None]:
        self.jobs += jobs
        for done, result in enumerate(self._local(jobs, candidate_of), start=1):
            if self._isolation is not None:
                report = msgspec.structs.replace(result.report, isolation=self._isolation)
                result = msgspec.structs.replace(result, report=report)
            yield result
            if done == self._stop_after:
                raise KeyboardInterrupt


def grade(
    cohort: Path, out: Path, engine: Engine, *, course: Course | None = None, **how: bool
) -> tuple[CohortReport, list[Step]]:
    course = course or Course(TOY)
    called = call_in([str(cohort)], modules=frozenset({"00-stays"}))
    steps: list[Step] = []
    store = Store(out)
    with store.locked():
        grading = Grading(store, engine, jobs=2, tell=steps.append, **how)
        report, _ = grading.grade(called, asked_of(course, called))
    return report, steps


def test_every_submission_gets_its_points_and_its_reasons(before: CohortReport) -> None:
    report = before

    assert [(result.submission, result.exercise, result.awarded) for result in report.results] == [
        ("ada", "count-nights", 3.0),
        ("ada", "price-tag", 4.0),
        ("ben", "count-nights", 1.0),
        ("cho", "count-nights", 3.0),
    ]
    assert [handed.name for handed in report.submissions] == ["ada", "ben", "cho", "dan"]
    assert "The zip cannot be read" in report.submissions[3].problem


def test_a_task_is_all_or_nothing_and_the_other_keeps_its_points(tmp_path: Path, out: Path) -> None:
    in_folder(tmp_path / "ada", {NIGHTS: CANNOT})

    (result,) = graded(tmp_path / "ada", out).results

    assert [(task.id, task.outcome, task.earned) for task in result.report.tasks] == [
        ("half-open", "failed", 0),
        ("refuses", "failed", 0),
    ]


def test_a_misconception_is_known_by_the_tests_it_fails(before: CohortReport) -> None:
    report = before

    held = {result.submission: result.misconceptions for result in report.results if result.exercise == "count-nights"}
    assert held == {"ada": (), "ben": ("last-day-counts",), "cho": ()}
    assert report.exercises[0].beliefs["last-day-counts"].startswith("The day of check-out is a day of the stay")


def test_whoever_has_not_begun_holds_no_misconception(tmp_path: Path) -> None:
    """Here the starter fails the very tests that a misconception fails, as some do."""
    shutil.copytree(TOY, tmp_path / "toy")
    starter = tmp_path / "toy/exercises/00-stays/count-nights/starter/nights.py"
    starter.write_text(f"{WRONG}\n# TODO\n")
    in_folder(tmp_path / "spring/ada", {NIGHTS: starter.read_bytes().replace(b"\n", b"\r\n")})
    in_folder(tmp_path / "spring/ben", {NIGHTS: WRONG})

    report = graded(tmp_path / "spring", tmp_path / "new", course=Course(tmp_path / "toy"))

    assert [result.misconceptions for result in report.results] == [(), ("last-day-counts",)]
    assert len({result.report.earned for result in report.results}) == 1


def test_an_exercise_that_nobody_handed_in_is_left_out_unless_it_is_asked_for(tmp_path: Path, out: Path) -> None:
    in_folder(tmp_path / "ada")

    handed_in = graded(tmp_path / "ada", out)
    asked_for = graded(tmp_path / "ada", out, slugs=("price-tag",))

    assert [asked.slug for asked in handed_in.exercises] == ["count-nights"]
    assert [asked.slug for asked in asked_for.exercises] == ["price-tag"]
    assert asked_for.results == ()


def test_the_report_obeys_its_schema(before: CohortReport) -> None:
    report = before

    jsonschema.validate(msgspec.json.decode(cohort_json(report)), cohort_schema())
    assert msgspec.json.decode(cohort_json(report), type=CohortReport) == report
    assert "seconds" not in {key for key in msgspec.to_builtins(report) if key != "results"}


def test_a_second_run_grades_nothing_and_reports_the_same(cohort: Path, out: Path, before: CohortReport) -> None:
    engine = Counting()

    report, _ = grade(cohort, out, engine)

    assert engine.jobs == []
    assert cohort_json(report) == cohort_json(before)


def test_equal_answers_are_graded_once(tmp_path: Path, out: Path) -> None:
    for name in ("eve", "fay", "gus"):
        in_folder(tmp_path / "autumn" / name, {NIGHTS: CANNOT})
    engine = Counting()

    report, _ = grade(tmp_path / "autumn", out, engine)

    assert len(engine.jobs) == 1
    assert [result.awarded for result in report.results] == [0.0] * 3


def test_only_a_changed_answer_is_graded_again(cohort: Path, out: Path) -> None:
    in_zip(cohort / "ben.zip", {NIGHTS: RIGHT + "# mended"})
    engine = Counting()

    report, _ = grade(cohort, out, engine)

    assert len(engine.jobs) == 1
    assert {result.submission: result.awarded for result in report.results if result.exercise == "count-nights"} == {
        "ada": 3.0,
        "ben": 3.0,
        "cho": 3.0,
    }


def test_only_an_exercise_whose_tests_changed_is_graded_again(cohort: Path, out: Path, tmp_path: Path) -> None:
    shutil.copytree(TOY, tmp_path / "toy")
    suite = tmp_path / "toy/exercises/00-stays/price-tag/tests/test_tag.py"
    suite.write_text(suite.read_text() + "\n# reworded\n")
    course = Course(tmp_path / "toy")
    engine = Counting(course)

    grade(cohort, out, engine, course=course)

    assert {job.exercise for job in engine.jobs} == {"price-tag"}


def test_all_is_graded_again_when_asked_to(cohort: Path, out: Path, before: CohortReport) -> None:
    engine = Counting()

    report, _ = grade(cohort, out, engine, fresh=True)

    assert len(engine.jobs) == JOBS
    assert cohort_json(report) == cohort_json(before)


@pytest.mark.parametrize("after", [1, JOBS - 1])
def test_a_run_that_was_stopped_goes_on_where_it_was(
    cohort: Path, tmp_path: Path, before: CohortReport, after: int
) -> None:
    with pytest.raises(KeyboardInterrupt):
        grade(cohort, tmp_path / "new", Counting(stop_after=after))
    rest = Counting()

    report, steps = grade(cohort, tmp_path / "new", rest)

    assert len(rest.jobs) == JOBS - after
    assert cohort_json(report) == cohort_json(before)
    assert next(step for step in steps if step.stage == "grading") == Step("grading", JOBS, known=after)


def test_a_damaged_result_is_graded_again(cohort: Path, out: Path, before: CohortReport) -> None:
    damaged = sorted((out / ".kept/graded/count-nights").iterdir())[:2]
    for path in damaged:
        path.write_bytes(path.read_bytes()[:100])
    engine = Counting()

    report, _ = grade(cohort, out, engine)

    assert {job.key for job in engine.jobs} == {path.stem for path in damaged}
    assert report == before


def test_what_has_no_verdict_is_not_kept(tmp_path: Path, out: Path) -> None:
    in_folder(tmp_path / "eve", {NIGHTS: CANNOT})

    first, _ = grade(tmp_path / "eve", out, without_database)
    engine = Counting()
    second, _ = grade(tmp_path / "eve", out, engine)

    assert (first.results[0].report.outcome, first.results[0].misconceptions) == ("ungraded", ())
    assert len(engine.jobs) == 1
    assert second.results[0].report.outcome == "failed"


def without_database(jobs: Sequence[Job], _: object) -> Generator[Graded, None, None]:
    for job in jobs:
        exercise = Course(TOY).exercise(job.exercise)
        yield graded_blank(exercise, job, outcome="ungraded", problem="No database.")


def test_every_step_is_told(cohort: Path, out: Path) -> None:
    in_folder(cohort / "eve", {NIGHTS: CANNOT})

    _, steps = grade(cohort, out, Counting())

    assert [(step.done, step.total) for step in steps if step.stage == "intake"] == [(n, 5) for n in range(6)]
    assert [step for step in steps if step.stage == "grading"] == [
        Step("grading", JOBS + 1, known=JOBS),
        Step("grading", JOBS + 1, known=JOBS, done=1),
    ]


def test_walls_that_are_required_are_not_taken_on_trust(tmp_path: Path) -> None:
    eve, out = in_folder(tmp_path / "eve", {NIGHTS: CANNOT}), tmp_path / "new"
    usual, weak, strong = (Counting(isolation=said) for said in ("L2: Landlock", "L1: limits", "L3: namespaces"))

    reports = [grade(eve, out, usual)[0]]
    with pytest.raises(ProDevError, match="graded with L1: limits"):
        grade(eve, out, weak, walled=True)
    reports.append(grade(eve, out, strong, walled=True)[0])

    assert len(usual.jobs) == len(weak.jobs) == len(strong.jobs) == 1 + 3
    assert [report.isolation for report in reports] == ["L2: Landlock", "L3: namespaces"]


def test_answers_that_look_alike_are_found_whoever_handed_them_in(tmp_path: Path, out: Path) -> None:
    copied = (
        "def nights(check_in, check_out):\n    total = 0\n    day = check_in\n"
        "    while day < check_out:\n        total += 1\n        day = day.fromordinal(day.toordinal() + 1)\n"
        "    if not total or check_out <= check_in:\n        raise ValueError(f'no night before {check_out}')\n"
        "    weeks, rest = divmod(total, 7)\n    assert weeks * 7 + rest == total, (weeks, rest)\n"
        "    return max(total, weeks) if weeks else rest\n"
    )
    in_folder(tmp_path / "autumn/ada", {NIGHTS: copied})
    in_zip(tmp_path / "autumn/ben.zip", {NIGHTS: copied.replace("total", "counted")})
    in_folder(tmp_path / "autumn/cho")

    (pair,) = graded(tmp_path / "autumn", out).alike

    assert (pair.exercise, pair.one, pair.other) == ("count-nights", "ada", "ben")
