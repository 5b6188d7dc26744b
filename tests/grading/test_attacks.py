"""Hostile submissions earn nothing that they do not deserve and harm nobody, and right ones keep their points.

Each folder of tests/attacks is one submission. Its attack.toml says what it ``attempts`` in a sentence, what it
``earns``, and what the report ``says``. Further keys, where they are needed:

- ``exercise``: the exercise of the course that it is an answer to; the toy course's count-nights without it.
- ``makes``: what no repository holds, by its path: ``link = "to where"`` (from the root of the repository),
  ``fifo = true``, ``bytes = 1000``, ``compiled = "from which of its files"``.
- ``harms``: what it would do to others; see ``Watch``. ``tells``: it prints "harm done". ``grader``: no further
  answer can be graded. ``swells``: its report is very long. ``bites_as``, ``bites_with`` and ``bites_by`` say what
  that takes: root, a service at an address, or more than running its file.
- ``hurried``: it never ends, so half a second is enough to see that.
- ``until_failure``: its first failure is enough, since each takes long.
- ``needs``: the least level of isolation that stops it, ``L2`` or ``L3``; with less it is skipped.
- ``bites`` and ``commands``: what no rendering of its report may hold.
"""

import os
import py_compile
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib

import pytest
from attack_watch import HOME, TOKEN, TOY, Watch
from rich.console import Console

from prodev.course import Course
from prodev.grading import Grader
from prodev.grading.clock import FLOOR_S
from prodev.grading.report import report_json
from prodev.show.markdown import report_markdown
from prodev.show.report import Shown, report_block

ATTACKS = {
    folder.name: tomllib.loads((folder / "attack.toml").read_text(encoding="utf-8"))
    for folder in sorted((HOME / "tests/attacks").iterdir())
    if (folder / "attack.toml").is_file()
}
TOY_SLUG = "count-nights"
MOST_BYTES = 200_000
DRIVE = """
from datetime import date
import nights
for _ in range(2):
    try:
        nights.nights(date(2024, 5, 1), date(2024, 5, 2))
    except Exception:
        pass
"""


class Graders:
    """A warm grader for each exercise, started by someone with a token in the environment.

    One that is ``hurried`` waits for half a second and no longer, for attacks that never end.
    """

    def __init__(self):
        self._open = {}

    def __call__(self, slug, *, hurried=False):
        if (slug, hurried) not in self._open:
            self._open[slug, hurried] = self.another(slug, hurried=hurried)
        return self._open[slug, hurried]

    def another(self, slug, *, hurried=False):
        course = Course(TOY) if slug == TOY_SLUG else Course(HOME)
        return Grader(course.exercise(slug), floor_s=0.5 if hurried else FLOOR_S)

    def close(self):
        for grader in self._open.values():
            grader.close()


@pytest.fixture(scope="module")
def graders():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(TOKEN, "the mentor's own")
        graders = Graders()
        yield graders
        graders.close()


@pytest.fixture(scope="module")
def graded(graders, tmp_path_factory):
    """Grade an attack, once, and return its report and the harm that it did."""
    done = {}

    def graded(name):
        if name not in done:
            attack = ATTACKS[name]
            slug = attack.get("exercise", TOY_SLUG)
            folder = laid_out(name, tmp_path_factory.mktemp("submission") / slug)
            how = {"until_failure": attack.get("until_failure", False)}
            if "grader" in attack.get("harms", ()):
                with graders.another(slug) as grader:
                    done[name] = grade_under_watch(grader, folder, how)
            elif "harms" in attack:
                done[name] = grade_under_watch(graders(slug), folder, how)
            else:
                done[name] = graders(slug, hurried=attack.get("hurried", False)).grade(folder, **how), set()
        report = done[name][0]
        needed, level = ATTACKS[name].get("needs", "L0"), re.match(r"L\d|", report.isolation)[0] or "L0"
        if level < needed:
            pytest.skip(
                f"it takes {needed} to stop it, and around candidates on this machine stands {report.isolation}"
            )
        if report.outcome == "ungraded" and graders(report.exercise).exercise.services and not report.engines:
            pytest.skip(told(report))
        return done[name]

    return graded


def laid_out(name, folder):
    """Copy an attack and make what a repository cannot hold."""
    shutil.copytree(HOME / "tests/attacks" / name, folder, symlinks=True)
    for path, how in ATTACKS[name].get("makes", {}).items():
        made = folder / path.format(tag=sys.implementation.cache_tag)
        made.parent.mkdir(parents=True, exist_ok=True)
        if "link" in how:
            made.symlink_to(HOME / how["link"])
        elif "fifo" in how:
            os.mkfifo(made)
        elif "compiled" in how:
            py_compile.compile(
                str(folder / how["compiled"]),
                str(made),
                invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
            )
        else:
            made.touch()
            os.truncate(made, how["bytes"])
    return folder


def grade_under_watch(grader, folder, how):
    with Watch() as watch:
        report = grader.grade(folder, **how)
        harms = watch.harms()
        right = grader.grade(grader.exercise.starter, grader.exercise.reference)
    if right.outcome != "passed":
        harms.add("grader")
    if "harm done" in repr(report):
        harms.add("tells")
    if len(repr(report)) > MOST_BYTES:
        harms.add("swells")
    return report, harms


def told(report):
    return " ".join(test.message for task in report.tasks for test in task.tests) + report.problem


def those_with(key):
    return [name for name, attack in ATTACKS.items() if key in attack]


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_earns_what_it_deserves(graded, name):
    attack = ATTACKS[name]

    report, _ = graded(name)

    assert report.earned == attack["earns"], f"{attack['attempts']} {told(report)}"
    assert report.outcome == ("passed" if attack["earns"] == report.points else "failed"), told(report)
    assert attack.get("says", "") in told(report)


@pytest.mark.parametrize("name", those_with("harms"))
def test_an_attack_harms_nobody(graded, name):
    _, harms = graded(name)

    assert harms == set()


@pytest.mark.parametrize("name", those_with("harms"))
def test_an_attack_has_teeth_where_nothing_stops_it(name, tmp_path):
    attack = ATTACKS[name]
    expected = set(attack["harms"]) - {"grader", "swells"}
    refuse_to_run_without_what_it_takes(attack, expected)
    folder = laid_out(name, tmp_path / "submission")
    program = f"{sys.executable} -c '{DRIVE}'; python3 nights.py"
    if (folder / "probe.sh").exists():
        program = "bash probe.sh"
    if (folder / "src").is_dir():
        program = f"{sys.executable} -m pip wheel -v --no-index --no-deps --no-build-isolation --wheel-dir=made . 2>&1"

    with Watch() as watch, (tmp_path / "printed").open("wb") as printed:
        environ = {"PATH": os.environ["PATH"], "HOME": str(folder), TOKEN: "ours"}
        subprocess.run(["sh", "-c", program], cwd=folder, env=environ, stdout=printed, timeout=60, check=False)
        time.sleep(0.1)
        harms = watch.harms()

    if b"harm done" in (tmp_path / "printed").read_bytes():
        harms.add("tells")
    assert harms == expected


def refuse_to_run_without_what_it_takes(attack, expected):
    if not expected or "bites_by" in attack:
        pytest.skip("its harm takes more than running it")
    if attack.get("bites_as") == "root" and os.geteuid() != 0:
        pytest.skip("its harm takes root")
    if "bites_with" in attack:
        with socket.socket() as probe:
            if probe.connect_ex(tuple(attack["bites_with"])) != 0:
                pytest.skip("nobody listens where it goes")


def terminal(report):
    console = Console(width=100, no_color=True, force_terminal=False)
    with console.capture() as captured:
        console.print(report_block(report, Shown("An attack")))
    return captured.get()


def data(report):
    return report_json(report).decode()


def page(report):
    """What is left of the Markdown outside its fences, where a reader's renderer obeys it."""
    kept, fence = [], ""
    for line in report_markdown(report).splitlines():
        ticks = line[: len(line) - len(line.lstrip("`"))]
        if not fence and len(ticks) >= 3:
            fence = ticks
        elif fence and line == fence:
            fence = ""
        elif not fence:
            kept.append(line)
    return "\n".join(kept)


def bitten(graded, name, render, *, harmless=()):
    report, _ = graded(name)
    shown = render(report)
    return [text for text in ATTACKS[name]["bites"] if text in shown and text not in harmless]


@pytest.mark.parametrize("name", those_with("bites"))
def test_a_report_does_not_bite_a_terminal(graded, name):
    assert bitten(graded, name, terminal, harmless=("<script", "<img", "# 3 of 3")) == []


@pytest.mark.parametrize("name", those_with("bites"))
def test_a_report_does_not_bite_a_page(graded, name):
    assert bitten(graded, name, page) == []


@pytest.mark.parametrize("name", those_with("bites"))
def test_a_report_does_not_bite_who_reads_its_data(graded, name):
    assert bitten(graded, name, data, harmless=("<script", "<img", "# 3 of 3")) == []


@pytest.mark.parametrize("name", those_with("commands"))
def test_a_pipeline_obeys_no_line_of_a_report(graded, name):
    report, _ = graded(name)

    lines = [line.strip() for line in terminal(report).splitlines()]

    assert [line for line in lines if line.startswith(("::", "##[", "##vso["))] == []


def test_the_grader_is_unharmed_after_all_of_them(graded, graders):
    for name in ("floods-the-line", "patches-the-runner", "daemon-outlives", "recursion", "empties-its-own-folders"):
        graded(name)
    exercise = graders(TOY_SLUG).exercise

    report = graders(TOY_SLUG).grade(exercise.starter, exercise.reference)

    assert report.outcome == "passed"


def test_there_are_more_than_sixty_and_each_says_what_it_attempts():
    sentences = [attack["attempts"] for attack in ATTACKS.values()]

    assert len(ATTACKS) > 60
    assert len(set(sentences)) == len(sentences)
    assert [sentence for sentence in sentences if not (sentence[0].isupper() and sentence.endswith("."))] == []
