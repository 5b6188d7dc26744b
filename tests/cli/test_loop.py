"""The learner's loop, from an empty folder to a pass, by its commands alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from learner import Prodev, right_answer

from prodev.course import Course
from prodev.grading import report_schema

LAST_DAY_COUNTS = "solutions/00-stays/count-nights/misconceptions/last-day-counts/nights.py"


def test_without_a_workspace_it_says_how_to_make_one(prodev: Prodev) -> None:
    assert "prodev init" in prodev().out
    assert prodev().code == 0
    assert prodev("run").code == 2
    assert "→ prodev init" in prodev("start").err


def test_from_an_empty_folder_to_a_pass(
    prodev: Prodev, home: Path, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Your workspace is mine/." in prodev("init", "mine").out
    assert "prodev lesson half-open-stays" in prodev("next").out
    assert prodev("lesson").code == 0
    assert "prodev start count-nights" in prodev("next").out

    started = prodev("start")
    assert "Count the nights of a stay" in started.out
    assert "mine/00-stays/count-nights/nights.py" in started.out

    fresh = prodev("run")
    assert fresh.code == 1
    assert "You have not changed nights.py yet" in fresh.out

    assert "2 hints left for this task" in prodev("hint").out

    answer = home / "mine/00-stays/count-nights/nights.py"
    answer.write_text((course.root / LAST_DAY_COUNTS).read_text())
    wrong = prodev("run", "count")
    assert wrong.code == 1
    assert "belongs to the next guest" in wrong.words
    assert "1 of 3 points" in wrong.out

    assert prodev("solution").code == 1

    answer.write_text(right_answer(course))
    right = prodev("run")
    assert right.code == 0
    assert "Passed: all 3 points." in right.out
    assert "prodev start price-tag" in right.out
    assert "1/2 | 3/7" in (home / "mine/README.md").read_text()

    solution = prodev("solution")
    assert solution.code == 0
    assert "Why it is written so" in solution.out
    assert "Your files are the solution's, line for line." in prodev("diff", "--solution").out


def test_a_seed_repeats_a_run_and_json_obeys_the_schema(prodev: Prodev, answer: Path) -> None:
    said = prodev("run", "--seed", "7", "--json")
    report = json.loads(said.out)

    jsonschema.validate(report, report_schema())
    assert report["seed"] == 7
    assert said.code == 1


def test_a_report_as_markdown(prodev: Prodev, answer: Path) -> None:
    said = prodev("run", "--markdown")

    assert said.out.startswith("## count-nights: 0 of 3 points\n")
    assert said.code == 1


def test_inside_the_folder_no_name_is_needed(prodev: Prodev, answer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prodev("start", "price-tag")
    monkeypatch.chdir(answer.parent)

    assert prodev("open").out.strip() == str(answer)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("run", "cuont-nights"), "Did you mean 'count-nights'?"),
        (("start", "half-open"), "'half-open-stays' is a lesson, not an exercise. → prodev lesson half-open-stays"),
        (("run", "price-tag"), "→ prodev start price-tag"),
        (("start", "nonsense"), "→ See them all: prodev list"),
        (("lesson", "half-opne"), "Did you mean 'half-open-stays'?"),
        (("list", "99"), "There is no module '99'."),
        (("solutoin",), "No such command 'solutoin'. Did you mean 'solution'?"),
        (("run", "--seed", "x"), "'x' is not a valid int"),
        (("diff", "--solution"), "for after the pass"),
        (("init", "."), "is not empty and is not a workspace"),
    ],
)
def test_wrong_usage_is_a_sentence_and_exit_code_2(
    prodev: Prodev, answer: Path, monkeypatch: pytest.MonkeyPatch, typed: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(answer.parent if typed[0] == "init" else answer.parents[2])
    ended = prodev(*typed)

    assert ended.code == 2
    assert said in ended.words
    assert "Traceback" not in ended.err


def test_the_solution_is_shown_to_whoever_asks_twice(prodev: Prodev, answer: Path) -> None:
    first, second = prodev("solution"), prodev("solution")

    assert first.code == 1
    assert "You have 5 hints left" in first.words
    assert "return (check_out - check_in).days" not in first.out
    assert second.code == 0
    assert "return (check_out - check_in).days" in second.out


def test_diff_and_reset(prodev: Prodev, answer: Path) -> None:
    assert "line for line" in prodev("diff").out

    answer.write_text(answer.read_text() + "# a line of mine, " + "long " * 40 + "\n")

    assert f"+# a line of mine, {'long ' * 40}" in prodev("diff").out
    assert "What you had is in 00-stays/count-nights/.aside/" in prodev("reset").out
    assert "line for line" in prodev("diff").out
    assert "Nothing to reset" in prodev("reset").out


def test_starting_again_keeps_the_answer(prodev: Prodev, answer: Path) -> None:
    answer.write_text("mine")

    assert "your files are as you left them" in prodev("start", "count-nights").out
    assert answer.read_text() == "mine"


def test_starting_ahead_is_allowed_and_told(prodev: Prodev, workspace: Path) -> None:
    assert "It builds on 'count-nights', which you have not passed yet." in prodev("start", "price-tag").words


def test_a_lesson_without_a_terminal_says_how_to_open_it(prodev: Prodev, workspace: Path) -> None:
    said = prodev("lesson", "half")

    assert said.code == 0
    assert f"-m jupyterlab --ServerApp.root_dir={workspace}" in said.words
    assert (workspace / "lessons/00-stays/half-open-stays.ipynb").is_file()

    (workspace / "lessons/00-stays/half-open-stays.ipynb").write_text("mine")
    assert "Your copy is kept as" in prodev("lesson", "half", "--fresh").out


def test_open_prints_every_file_to_edit(prodev: Prodev, answer: Path) -> None:
    assert prodev("open").out == f"{answer}\n"


def test_the_doctor_examines_and_says_what_matters(prodev: Prodev, workspace: Path) -> None:
    said = prodev("doctor")

    assert "Python" in said.out
    assert f"{workspace} is writable" in said.words
    assert said.code == ("cannot work yet" in said.out)


def test_list_and_dashboard_show_where_one_stands(prodev: Prodev, workspace: Path) -> None:
    assert "● count-nights" in prodev("list").out
    assert "after count-nights" in prodev("list", "stays").out
    assert "0/7 points" in prodev().out


def test_a_workspace_of_another_edition_is_told(prodev: Prodev, workspace: Path) -> None:
    assert "edition" not in prodev().out

    (workspace / "prodev.toml").write_text('edition = "0.0.1"\n')

    assert "Your workspace was made with edition 0.0.1" in prodev().out


def test_help_names_every_command(prodev: Prodev) -> None:
    said = prodev("--help")

    for command in ("init", "start", "run", "watch", "hint", "solution", "diff", "reset", "lesson", "doctor", "dev"):
        assert f" {command} " in said.out


def test_a_run_loads_nothing_that_it_does_not_need() -> None:
    code = "import sys, prodev.cli.answer; print(*sorted(sys.modules))"
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    ).stdout.split()

    assert not {"typer", "rich", "pytest", "django", "watchfiles", "psycopg", "prodev.cli.dev"} & set(loaded)
