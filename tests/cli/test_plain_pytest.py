"""Plain ``pytest`` in a workspace runs the same suites, on the learner's own files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from learner import right_answer

from prodev.course import Course


def run_pytest(folder: Path, *arguments: str) -> tuple[int, str]:
    # Without the plugins of whoever develops ProDev: a learner has none of them.
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=folder,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("candidate", ["inline", "worker"])
def test_a_wrong_answer_fails_with_the_same_message(answer: Path, course: Course, candidate: str) -> None:
    wrong = course.root / "solutions/00-stays/count-nights/misconceptions/last-day-counts/nights.py"
    answer.write_text(wrong.read_text())

    code, said = run_pytest(answer.parents[2], f"--candidate={candidate}")

    assert code == 1
    assert "3 failed, 2 passed" in said
    assert "the day of check-out belongs to the next guest" in said


def test_a_right_answer_passes_in_its_folder_and_by_its_node_id(answer: Path, course: Course) -> None:
    answer.write_text(right_answer(course))

    assert run_pytest(answer.parent)[0] == 0
    code, said = run_pytest(
        answer.parents[2], "00-stays/count-nights/README.md::test_refuses_a_stay_without_a_night", "-v"
    )
    assert code == 0
    assert "2 passed" in said


def test_the_learners_own_file_is_what_runs(answer: Path) -> None:
    answer.write_text("import os\ndef nights(check_in, check_out):\n    print('at', __file__, os.getpid())\n")

    _, said = run_pytest(answer.parent, "-k", "counts")

    assert f"at {answer}" in said


def test_what_the_code_writes_stays_out_of_the_workspace(answer: Path) -> None:
    answer.write_text("def nights(check_in, check_out):\n    open('left-behind.txt', 'w').close()\n")

    run_pytest(answer.parents[2])

    assert not list(answer.parents[2].rglob("left-behind.txt"))


def test_tests_of_the_learners_own_run_beside_the_suite(answer: Path, course: Course) -> None:
    answer.write_text(right_answer(course))
    (answer.parent / "test_mine.py").write_text("def test_mine():\n    assert True\n")

    code, said = run_pytest(answer.parents[2])

    assert code == 0
    assert "6 passed" in said


def test_a_seed_repeats_a_run(answer: Path) -> None:
    assert run_pytest(answer.parent, "--seed", "7")[0] == 1


def test_two_web_projects_in_one_process_are_refused(answer: Path, course: Course) -> None:
    for slug in ("count-nights", "price-tag"):
        toml = course.exercise(slug).folder / "exercise.toml"
        toml.write_text('app = "config.wsgi:application"\n' + toml.read_text())
    (answer.parents[1] / "price-tag").mkdir()
    (answer.parents[1] / "price-tag" / "README.md").touch()

    code, said = run_pytest(answer.parents[2])

    assert code == 4
    assert "one process can hold only one of them" in said
    assert f"pytest {answer.parent}" in said
