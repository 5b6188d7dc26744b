"""The pipelines that grade: what they may do, and that their commands do it."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer
import yaml

from prodev.cli.app import app
from prodev.course import Course

HOME = Path(__file__).resolve().parents[2]
REUSABLE = HOME / ".github/workflows/grade.yml"
GITLAB = HOME / "docs/mentor/gitlab-ci.yml"
CLASSROOM = HOME / "docs/mentor/classroom.yml"
LEARNERS = HOME / "src/prodev/workspace/template/grade.yml"
SLUG = "fix-the-assert"


def read(path):
    return yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)


def steps():
    return read(REUSABLE)["jobs"]["grade"]["steps"]


def step(name):
    return next(step for step in steps() if step.get("name") == name)


def options_of_grade():
    command = typer.main.get_group(app).commands["grade"]
    return {option for parameter in command.params for option in parameter.opts}


@pytest.fixture
def handed_in(tmp_path):
    """A learner's repository, where a pipeline finds it."""
    exercise = Course(HOME).exercise(SLUG)
    answer = tmp_path / "submission/ada" / exercise.module / SLUG
    shutil.copytree(exercise.starter, answer)
    shutil.copytree(exercise.reference, answer, dirs_exist_ok=True)
    repository = tmp_path / "submission/ada"
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for words in (["init", "--quiet"], ["add", "."], [*identity, "commit", "--quiet", "-m", "An answer"]):
        subprocess.run(["git", *words], cwd=repository, check=True)
    return repository


def run(script, *, cwd, **environ):
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    known = {"PATH": path, "HOME": str(cwd), "PRODEV_COURSE": str(HOME), "LANG": "C.UTF-8"}
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=cwd,
        env=known | environ,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("path", [REUSABLE, GITLAB, CLASSROOM], ids=lambda path: path.name)
def test_every_option_of_a_pipeline_exists(path):
    told = re.findall(r"^[^#\n]*prodev grade (.+)$", path.read_text(), re.MULTILINE)

    shown = {option for line in told for option in re.findall(r"--[a-z]+", line)} | {"--exercise"}

    assert shown <= options_of_grade()


def test_the_reusable_workflow_may_read_and_nothing_else():
    text = REUSABLE.read_text()

    assert read(REUSABLE)["permissions"] == {"contents": "read"}
    assert "permissions" not in read(REUSABLE)["jobs"]["grade"]
    assert "secrets." not in text
    assert "github.token" not in text


def test_every_action_is_pinned_and_no_checkout_keeps_its_token():
    used = [step for step in steps() if "uses" in step]
    checkouts = [step for step in used if step["uses"].startswith("actions/checkout@")]

    assert [step["uses"] for step in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", step["uses"])] == []
    assert [checkout["with"]["persist-credentials"] for checkout in checkouts] == ["false", "false"]


def test_no_script_has_anything_of_the_callers_written_into_it():
    scripts = [step["run"] for step in steps() if "run" in step]

    assert [script for script in scripts if "${{" in script] == []


def test_the_course_and_the_answers_lie_apart():
    places = [step["with"]["path"] for step in steps() if step.get("uses", "").startswith("actions/checkout@")]

    assert places == ["course", "submission/${{ github.event.repository.name }}"]
    assert "job.workflow_sha" in step("Fetch the course")["with"]["ref"]


@pytest.mark.parametrize("caller", [LEARNERS, CLASSROOM], ids=["learner", "classroom"])
def test_a_caller_calls_what_there_is(caller):
    text = caller.read_text().replace("{upstream}", "OWNER/REPOSITORY").replace("{edition}", "0.1.0")
    called = [job for job in yaml.safe_load(text)["jobs"].values() if "uses" in job]

    assert [job["uses"] for job in called] == ["OWNER/REPOSITORY/.github/workflows/grade.yml@v0.1.0"]
    inputs = read(REUSABLE)["on"]["workflow_call"]["inputs"]
    assert [job for job in called if not set(job.get("with", {})) <= set(inputs)] == []
    assert all("default" in described for described in inputs.values())


def test_the_workflow_grades_and_shows(handed_in, tmp_path):
    summary, output = tmp_path / "summary", tmp_path / "output"

    graded = run(step("Grade")["run"], cwd=tmp_path, EXERCISES=SLUG, ISOLATION="auto")
    shown = run(step("Show the summary")["run"], cwd=tmp_path, GITHUB_STEP_SUMMARY=str(summary))
    (tmp_path / "course").symlink_to(HOME)
    counted = run(step("Count the points for GitHub Classroom")["run"], cwd=tmp_path, GITHUB_OUTPUT=str(output))

    assert (graded.returncode, shown.returncode, counted.returncode) == (0, 0, 0), graded.stderr + counted.stderr
    opened, *_, closed = [line for line in graded.stdout.splitlines() if line.startswith("::")]
    assert opened.removeprefix("::stop-commands::") == closed.strip(":")
    assert "## ada" in summary.read_text()
    told = json.loads(base64.b64decode(output.read_text().removeprefix("result=")))
    assert told["status"] == "pass"
    assert [(test["name"], test["status"]) for test in told["tests"]] == [(SLUG, "pass")]


def test_a_workflow_that_could_not_grade_fails(tmp_path):
    (tmp_path / "submission").mkdir()

    graded = run(step("Grade")["run"], cwd=tmp_path, EXERCISES="", ISOLATION="auto")

    assert graded.returncode == 2
    assert "There is nothing at submission" in graded.stderr


def test_gitlab_grades_and_keeps_what_it_names(handed_in):
    job = read(GITLAB)["grade"]
    variables = {"PRODEV_EXERCISES": SLUG, "PRODEV_ISOLATION": "auto", "CI_PROJECT_DIR": str(handed_in)}

    graded = run("\n".join(job["script"]), cwd=handed_in, **variables)

    kept = [*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]]
    assert graded.returncode == 0, graded.stderr
    assert [path for path in kept if not (handed_in / path).is_file()] == []


def test_classroom_counts_what_counts():
    results = {
        "results": [
            {"exercise": "one", "awarded": 7.5, "report": {"outcome": "failed", "points": 10}},
            {"exercise": "two", "awarded": 5.0, "report": {"outcome": "passed", "points": 5}},
            {"exercise": "three", "awarded": 0.0, "report": {"outcome": "ungraded", "points": 5}},
        ]
    }
    namespace = {"__name__": "classroom"}
    exec((HOME / ".github/classroom.py").read_text(), namespace)

    told = namespace["runner_result"](results)

    assert (told["status"], told["max_score"]) == ("error", 20)
    assert [(test["status"], test["score"]) for test in told["tests"]] == [("fail", 7.5), ("pass", 5.0), ("error", 0.0)]
    assert told["tests"][0]["message"] == "7.5 of 10 points"
