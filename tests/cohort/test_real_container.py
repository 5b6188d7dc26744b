"""Grading in real containers; skipped, in words, where there is no engine or no image of this edition."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing

import pytest
from standing_in import job_for, plain

from prodev.cohort.candidates import Candidate, layered
from prodev.cohort.container import ContainerDesk, Containers
from prodev.cohort.isolation import level_of
from prodev.course import Course
from prodev.errors import ProDevError

SLUGS = ("retry-with-backoff", "left-means-keep")


@pytest.fixture(scope="module")
def real() -> Containers:
    """A real engine, with an image of this very edition."""
    course = Course.here()
    try:
        return Containers([course.exercise(slug) for slug in SLUGS], root=course.root)
    except ProDevError as error:
        pytest.skip(f"no real container: {error.problem}")


@pytest.fixture
def real_desk(real: Containers) -> Iterator[ContainerDesk]:
    with closing(real.desk()) as desk:
        yield desk


@pytest.mark.parametrize("slug", SLUGS)
def test_a_real_container_gives_full_points_and_none(real_desk: ContainerDesk, slug: str) -> None:
    """The second of them needs Postgres, which there is the embedded one."""
    exercise = Course.here().exercise(slug)
    solved, stub = (
        layered(exercise, layers) for layers in ([exercise.starter, exercise.reference], [exercise.starter])
    )

    reports = [real_desk.grade(exercise, job_for(each, exercise), each).report for each in (solved, stub)]

    assert [(report.outcome, report.earned) for report in reports] == [("passed", exercise.points), ("failed", 0)]
    assert all(level_of(report.isolation) == 4 for report in reports)
    assert all("embedded" in served for report in reports for served in report.engines.values())
    assert len(reports[0].engines) == len(exercise.services)


def test_what_a_candidate_leaves_running_does_not_stay_in_a_real_container(real_desk: ContainerDesk) -> None:
    exercise = Course.here().exercise("retry-with-backoff")
    (path,) = exercise.edited_files(exercise.starter)
    leaves = "import os\nif not os.fork():\n    os.setsid()\n    os.execvp('sleep', ['sleep', '654'])\n"
    text = (exercise.reference / path).read_text(encoding="utf-8")
    handed_in = Candidate({path: f"{leaves}{text}".encode()})

    result = real_desk.grade(exercise, job_for(handed_in, exercise), handed_in)

    assert result.report.tasks

    assert real_desk._container is not None
    top = ["docker", "top", real_desk._container._name, "-o", "pid,args"]
    running = subprocess.run(top, capture_output=True, text=True, timeout=60, check=True).stdout
    assert "prodev.cohort.contained" in running
    assert "sleep 654" not in running


def test_a_real_container_that_is_killed_is_replaced(real: Containers, real_desk: ContainerDesk) -> None:
    exercise = Course.here().exercise("retry-with-backoff")
    solved = layered(exercise, [exercise.starter, exercise.reference])
    job = job_for(solved, exercise)
    before = real_desk.grade(exercise, job, solved)
    assert real_desk._container is not None
    name = real_desk._container._name

    subprocess.run(["docker", "kill", name], capture_output=True, timeout=60, check=True)

    assert plain(real_desk.grade(exercise, job, solved)) == plain(before)
    assert real_desk._container._name != name
