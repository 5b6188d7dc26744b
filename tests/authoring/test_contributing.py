"""CONTRIBUTING.md says what is so: its commands run, its suite grades, its tables are complete."""

from __future__ import annotations

import inspect
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from prodev.course import Course, Task
from prodev.course.exercise import _ExerciseToml
from prodev.grading import Grader, layers_of
from prodev.grading.candidate import Candidate, Finished, Http, Response
from prodev.testbed import Database

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


COMMANDS = [command for block in blocks("sh") for command in block.splitlines()]


@pytest.fixture
def clone(toy):
    """A clone of a course with nothing in it, and with the file that the notebooks' comparison uses."""
    for room in ("modules", "exercises", "solutions"):
        toy.remove(f"{room}/00-stays")
    (toy.root / "tests/lessons").mkdir(parents=True)
    shutil.copy(ROOT / "tests/lessons/may-differ.cfg", toy.root / "tests/lessons")
    toy.write(".gitignore", "__pycache__\n.pytest_cache\n")
    in_shell(toy, "git init --quiet && git add --all && git -c commit.gpgsign=false commit --quiet -m toy")
    return toy


def in_shell(toy, command):
    """Run a line as a contributor types it, in the clone; give back what it printed."""
    who = {f"GIT_{role}_{key}": "test" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = os.environ | who | {"PRODEV_COURSE": str(toy.root), "PATH": path, "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(command, shell=True, cwd=toy.root, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"
    return done.stdout


def make_ours(toy):
    """Do what stands between the commands: replace every part of the scaffold."""
    for path in toy.root.rglob("*/13-payments/**/*"):
        if path.is_file() and "REPLACE-ME" in path.read_text(encoding="utf-8"):
            path.write_text(path.read_text(encoding="utf-8").replace("REPLACE-ME", "Ours"), encoding="utf-8")


def test_an_exercise_takes_five_commands_and_a_lesson_three(clone):
    first, *others = COMMANDS[:5]
    begin = re.search(r"`(prodev dev new module \S+)`", PAGE)[1]
    printed = in_shell(clone, begin) + in_shell(clone, first)
    make_ours(clone)

    printed += "".join(in_shell(clone, command) for command in others)
    for command in COMMANDS[5:]:
        printed += in_shell(clone, command)

    assert "next  prodev dev check charge-once" in printed
    assert "8 mutants: 100% killed" in printed
    assert "modules/13-payments: good." in printed
    assert len(COMMANDS) == 8
    assert "charge-once" in in_shell(clone, "git log -1 --format=%s")


def test_the_suite_on_the_page_grades(toy):
    suite, probes = blocks("python")
    toy.remove("E/tests/test_nights.py")
    toy.write("E/tests/test_count_nights.py", suite)
    toy.write("E/tests/probes.py", probes)
    exercise = Course(toy.root).exercise("count-nights")

    with Grader(exercise) as grader:
        reports = {
            folder.name: grader.grade(*layers_of(exercise, folder))
            for folder in [exercise.reference, *exercise.accepted, *exercise.misconception_folders]
        }

    assert {name: report.earned for name, report in reports.items()} == {
        "reference": 3,
        "by-ordinals": 3,
        "last-day-counts": 1,
        "backwards-is-fine": 2,
        "repairs-the-dates": 2,
    }


def keys_of(heading):
    """The first column of the table under ``heading``."""
    table = PAGE.split(heading)[1].split("\n\n")[0]
    return {key.strip("[]") for key in re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)}


def test_every_key_of_exercise_toml_is_on_the_page():
    assert keys_of("| key | what it says |") == {field.name for field in msgspec.structs.fields(_ExerciseToml)}
    assert keys_of("| key of a task | what it says |") == {field.name for field in msgspec.structs.fields(Task)}


def test_every_verb_and_fixture_is_on_the_page():
    verbs = PAGE.split("| ask | what comes back |")[1].split("\n\n")[0]
    fixtures = PAGE.split("| fixture | what it is |")[1].split("\n\n")[0]

    assert set(re.findall(r"candidate\.(\w+)", verbs)) == {*public(Candidate), "http"}
    assert set(re.findall(r"\.(get|post|request)\(", verbs)) == set(public(Http))
    assert all(f"`.{name}" in verbs for name in [*public(Finished), *Finished.__annotations__])
    assert all(f"`.{name}" in verbs for name in [*public(Response), *Response.__annotations__])
    assert {"load", "run", "connect", "explain", "statements", "reset"} <= set(public(Database))
    assert all(f"`.{name}`" in fixtures for name in ("load", "run", "connect", "explain", "statements", "reset"))


def public(kind):
    return [name for name, _ in inspect.getmembers(kind) if not name.startswith("_")]
