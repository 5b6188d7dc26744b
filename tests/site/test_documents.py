"""What the documents show is what happens."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import typer
import yaml

from prodev.cli import dev
from prodev.cli.app import app
from prodev.cohort.late import Late, award, days_late
from prodev.cohort.roster import Entry, Roster, read_roster
from prodev.course import Course
from prodev.grading import grade
from prodev.show.cohort_files import CHANGES, WRITERS
from prodev.show.exports import COLUMNS

HOME = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted((HOME / "docs").rglob("*.md"))
MENTOR = HOME / "docs/mentor"
BLOCKS = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
NOT_IN_A_TEST = ("make", "source", "prodev doctor")


def commands() -> set[str]:
    below_dev = typer.main.get_group(dev.app).commands
    return {"", "dev", *typer.main.get_group(app).commands, *(f"dev {name}" for name in below_dev)}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_every_command_in_a_document_exists(document):
    shown = set(re.findall(r"(?:^|`)prodev ?((?:dev )?[a-z]*)", document.read_text(), re.MULTILINE))

    assert shown - commands() == set()


def test_the_first_failure_reads_as_the_first_hour_says():
    exercise = Course(HOME).exercise("fix-the-assert")
    page = " ".join((HOME / "docs/learn/index.md").read_text().split())

    (task,) = grade(exercise, exercise.starter).tasks

    did, saw, why, look = task.first_message.splitlines()
    assert all(words in page for words in (task.tests[0].title, why, look))
    assert re.fullmatch(r"I asked for \d+ nights at \d+, with a cleaning fee of \d+\.", did)
    assert re.fullmatch(r"You answered \d+; .* is \d+\.", saw)


def test_the_mentors_ten_minutes_go_as_told(tmp_path):
    """Type the section line by line; only setting up and the doctor are left out."""
    walk = (MENTOR / "index.md").read_text().partition("## Ten minutes")[2].partition("\n## ")[0]
    for folder in ("solutions", "exercises"):
        (tmp_path / folder).symlink_to(HOME / folder)
    environ = os.environ | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PRODEV_COURSE": str(HOME),
        "COLUMNS": "200",
    }
    said = {}

    for language, block in BLOCKS.findall(walk):
        if language == "toml":
            (tmp_path / "cohort.toml").write_text(block)
        for command in block.splitlines() if language == "sh" else ():
            if not command.startswith(NOT_IN_A_TEST):
                done = subprocess.run(
                    ["bash", "-c", command], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
                )
                assert done.returncode == 0, done.stderr
                said[command] = done.stdout

    explained, compared, rostered = said["prodev grade --explain cleo"], *list(said.values())[-2:]
    assert "belief" in explained
    assert re.search(r"cleo.*10/10", compared)
    assert re.search(r"ada +9/10", rostered)
    assert (tmp_path / "graded/report.html").is_file()


@pytest.mark.parametrize("document", sorted(MENTOR.glob("*.md")), ids=lambda path: path.stem)
def test_every_option_that_a_mentor_is_shown_exists(document):
    shown = [shlex.split(line) for line in re.findall(r"prodev ((?:grade|worker) [^`\n]*)", document.read_text())]

    unknown = {word for command, *words in shown for word in words if word.startswith("-")} - {
        option
        for command, *_ in shown
        for parameter in typer.main.get_group(app).commands[command].params
        for option in parameter.opts
    }

    assert unknown == set()


def keys_in(document, heading):
    table = (MENTOR / document).read_text().partition(f"## {heading}")[2].partition("\n## ")[0]
    return {key for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for key in re.findall(r"`([^`]+)`", row)}


@pytest.mark.parametrize(
    ("heading", "described"),
    [("Keys of the file", Roster), ("Keys of a submission", Entry), ("Keys of the late policy", Late)],
)
def test_every_key_of_the_roster_is_described(heading, described):
    assert keys_in("roster.md", heading) == {field.name for field in msgspec.structs.fields(described)}


def test_every_option_of_grade_is_described():
    known = {parameter.opts[-1] for parameter in typer.main.get_group(app).commands["grade"].params} - {"paths"}

    assert {key.split()[0] for key in keys_in("index.md", "Options")} == known


def test_every_file_and_column_of_a_report_is_described():
    files = set(re.findall(r"^\| `([^`]+)` \|", (MENTOR / "reports.md").read_text(), re.MULTILINE))

    assert {*WRITERS, CHANGES} - {"results.schema.json"} <= files
    assert keys_in("reports.md", "The table") == set(COLUMNS)


@pytest.mark.parametrize("document", ["index.md", "roster.md"])
def test_a_roster_that_is_shown_can_be_read(document, tmp_path):
    shown = [block for language, block in BLOCKS.findall((MENTOR / document).read_text()) if language == "toml"]

    for block in shown:
        (tmp_path / "cohort.toml").write_text(block)
        assert read_roster(tmp_path / "cohort.toml").submission

    assert shown


def test_lateness_costs_what_the_page_says(tmp_path):
    page = (MENTOR / "roster.md").read_text()
    (tmp_path / "cohort.toml").write_text(next(block for language, block in BLOCKS.findall(page) if language == "toml"))
    policy, due = read_roster(tmp_path / "cohort.toml").late, datetime(2026, 3, 1, tzinfo=UTC)

    left = [award(8, days_late(due + timedelta(hours=h), due, policy), policy)[0] for h in (1 / 6, 2, 24, 47, 97)]

    assert left == [8, 7, 7, 6, 0]
    assert "8 points earned are worth 8 after 10 minutes, 7 after two hours or after a whole day, 6 on" in page


def test_the_workflows_that_a_mentor_is_shown_are_workflows():
    shown = [block for language, block in BLOCKS.findall((MENTOR / "pipelines.md").read_text()) if language == "yaml"]
    workflows = [yaml.safe_load(block) for block in shown]

    jobs = [job for workflow in workflows for job in workflow.get("jobs", {}).values()]

    used = [step["uses"] for job in jobs for step in job.get("steps", ()) if "uses" in step]
    assert len(jobs) == 2
    assert [action for action in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action)] == []
