"""Hostile submissions earn nothing that they do not deserve and harm nobody, and right ones keep their points.

Each folder of tests/attacks is one submission. Its attack.toml says what it ``attempts`` in a sentence, what it
``earns``, and what the report ``says``. Further keys, where they are needed:

- ``exercise``: the exercise of the course that it is an answer to; the toy course's count-nights without it.
- ``harms``: what it would do to others; see ``Watch``. ``bites_as``, ``bites_with`` and ``bites_by`` say what that
  takes: root, a service at an address, or more than running its file.
- ``needs = "walls"``: nothing but the walls around a candidate stops the harm; with ``steals``, the points as well.
- ``bites`` and ``commands``: what no rendering of its report may hold.
- ``hole``: the flaw of the grader by which it still succeeds.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from filelock import FileLock
from rich.console import Console

from prodev.course import Course
from prodev.grading import Grader
from prodev.grading.report import report_json
from prodev.show.markdown import report_markdown
from prodev.show.report import Shown, report_block

HOME = Path(__file__).parents[2]
TOY = HOME / "tests/toy_course"
ATTACKS = {
    folder.name: tomllib.loads((folder / "attack.toml").read_text(encoding="utf-8"))
    for folder in sorted((HOME / "tests/attacks").iterdir())
    if (folder / "attack.toml").is_file()
}
REAL_FLOOR_S = 1.0
MOST_BYTES = 200_000

PLAYGROUND = Path("/tmp/prodev-attack")
NEIGHBOUR = PLAYGROUND / "neighbour/nights.py"
NEIGHBOURS_ANSWER = TOY / "solutions/00-stays/count-nights/reference/nights.py"
TOKEN = "PRODEV_ATTACK_TOKEN"
PORT = 47611
LEFT = "prodev-attack-was-here"
PLACES = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"), Path.home(), HOME, TOY)
DRIVE = """
from datetime import date
import nights
for _ in range(2):
    try:
        nights.nights(date(2024, 5, 1), date(2024, 5, 2))
    except Exception:
        pass
"""


def walls_in_force():
    """Whether candidates on this machine run inside namespaces."""
    try:
        from prodev.grading import walls
    except ImportError:
        return False
    return bool(getattr(walls, "namespaces_in_force", lambda: False)())


class Watch:
    """Neighbours, listeners and tempting files around a run, and what became of them.

    ``harms`` afterwards: ``tcp``, ``udp``, ``unix``, ``abstract`` (something arrived there), ``kills`` (the decoy
    is dead), ``changes`` (the neighbour's file is), ``leaves`` (a file lies where none was), ``outlives`` (a process
    does). What the attack itself prints as "harm done", and a report that grew, are added by who ran it.
    """

    def __enter__(self):
        self._lock = FileLock("/tmp/prodev-attack.lock")
        self._lock.acquire(timeout=300)
        NEIGHBOUR.parent.mkdir(parents=True)
        shutil.copy(NEIGHBOURS_ANSWER, NEIGHBOUR)
        self._token = Path.home() / ".prodev-attack-token"
        self._token.write_text("a token of the mentor's")
        self._decoy = subprocess.Popen(
            ["prodev-attack-decoy", "600"], executable="/bin/sleep", env=dict(os.environ) | {TOKEN: "a neighbour's"}
        )
        self._listeners = {
            "tcp": _listener(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", PORT)),
            "udp": _listener(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", PORT)),
            "unix": _listener(socket.AF_UNIX, socket.SOCK_STREAM, str(PLAYGROUND / "socket")),
        }
        (PLAYGROUND / "socket").chmod(0o777)
        if sys.platform == "linux":
            self._listeners["abstract"] = _listener(socket.AF_UNIX, socket.SOCK_STREAM, "\0prodev-attack")
        return self

    def harms(self):
        found = {name for name, listener in self._listeners.items() if _has_heard(listener)}
        checks = {
            "kills": self._decoy.poll() is not None,
            "changes": not NEIGHBOUR.exists() or NEIGHBOUR.read_bytes() != NEIGHBOURS_ANSWER.read_bytes(),
            "leaves": bool(_left()),
            "outlives": bool(_strays()),
        }
        return found | {name for name, is_so in checks.items() if is_so}

    def __exit__(self, *_):
        self._decoy.kill()
        self._decoy.wait()
        for listener in self._listeners.values():
            listener.close()
        for pid in _strays():
            os.kill(pid, signal.SIGKILL)
        for path in (PLAYGROUND, *_left()):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        self._token.unlink()
        self._lock.release()


def _listener(family, kind, address):
    listener = socket.socket(family, kind)
    if family == socket.AF_INET:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(address)
    if kind == socket.SOCK_STREAM:
        listener.listen()
    listener.setblocking(False)
    return listener


def _has_heard(listener):
    try:
        if listener.type == socket.SOCK_DGRAM:
            listener.recv(1000)
        else:
            listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def _left():
    return [path for place in PLACES for path in place.glob(f"{LEFT}*")]


def _strays():
    """Processes of an attack that still run."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,args="], capture_output=True, text=True, check=True).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if line.split()[1:2] == ["prodev-attack-stray"]]


@pytest.fixture(scope="module")
def open_grader():
    """Open a grader of an exercise; one for all attacks that have no business with it, or a new one."""
    opened = {}

    def open_grader(slug, *, new=False):
        course, floor = (Course(TOY), 0.4) if slug == "count-nights" else (Course(HOME), REAL_FLOOR_S)
        if new:
            return Grader(course.exercise(slug), warm=False, floor_s=floor)
        if slug not in opened:
            opened[slug] = Grader(course.exercise(slug), floor_s=floor)
        return opened[slug]

    yield open_grader
    for grader in opened.values():
        grader.close()


@pytest.fixture(scope="module")
def graded(open_grader):
    """Grade an attack, once, and return its report and the harm that it did."""
    done = {}

    def graded(name):
        if name not in done:
            slug = ATTACKS[name].get("exercise", "count-nights")
            if "harms" in ATTACKS[name]:
                done[name] = grade_under_watch(name, lambda: open_grader(slug, new=True))
            else:
                done[name] = open_grader(slug).grade(HOME / "tests/attacks" / name), set()
        return done[name]

    return graded


def grade_under_watch(name, open_grader):
    with pytest.MonkeyPatch.context() as patch, Watch() as watch:
        patch.setenv(TOKEN, "the mentor's own")
        with open_grader() as grader:
            report = grader.grade(HOME / "tests/attacks" / name)
            harms = watch.harms()
            right = grader.grade(grader.exercise.starter, grader.exercise.reference)
    if right.outcome != "passed":
        harms.add("grader")
    if "harm done" in report_json(report).decode():
        harms.add("tells")
    if len(report_json(report)) > MOST_BYTES:
        harms.add("swells")
    return report, harms


def told(report):
    return " ".join(test.message for task in report.tasks for test in task.tests) + report.problem


def cases(keep=lambda _: True, *, hole_in="points"):
    """The attacks, those that are known to succeed here marked as such."""
    for name, attack in ATTACKS.items():
        if keep(attack):
            hole = attack.get("hole", "") if attack.get("hole_in", "points") == hole_in else ""
            needs_walls = hole_in == "points" and attack.get("steals", False) and not walls_in_force()
            reason = hole or ("nothing but walls keeps it from the points" if needs_walls else "")
            yield pytest.param(name, id=name, marks=[pytest.mark.xfail(reason=reason, strict=True)] if reason else [])


@pytest.mark.parametrize("name", [*cases()])
def test_an_attack_earns_what_it_deserves(graded, name):
    attack = ATTACKS[name]

    report, _ = graded(name)

    assert report.earned == attack["earns"], f"{attack['attempts']} {told(report)}"
    assert report.outcome == ("passed" if attack["earns"] == report.points else "failed"), told(report)
    assert attack.get("says", "") in told(report)


@pytest.mark.parametrize("name", [*cases(lambda attack: "harms" in attack, hole_in="harms")])
def test_an_attack_harms_nobody(graded, name):
    if ATTACKS[name].get("needs") == "walls" and not walls_in_force():
        pytest.skip("there are no walls around candidates on this machine")

    _, harms = graded(name)

    assert harms == set()


@pytest.mark.parametrize("name", [*cases(lambda attack: {"harms"} <= attack.keys(), hole_in="")])
def test_an_attack_has_teeth_where_nothing_stops_it(name, tmp_path):
    attack = ATTACKS[name]
    expected = set(attack["harms"]) - {"grader", "swells"}
    refuse_to_run_without_what_it_takes(attack, expected)
    shutil.copytree(HOME / "tests/attacks" / name, tmp_path, dirs_exist_ok=True)
    program = f"{sys.executable} -c '{DRIVE}'; python3 nights.py"
    if (tmp_path / "probe.sh").exists():
        program = "bash probe.sh"

    with Watch() as watch:
        environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), TOKEN: "ours"}
        run = subprocess.Popen(["sh", "-c", f"{program}; true"], cwd=tmp_path, env=environ, stdout=subprocess.PIPE)
        printed, _ = run.communicate(timeout=60)
        time.sleep(0.1)
        harms = watch.harms() | ({"tells"} if b"harm done" in printed else set())

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


@pytest.mark.parametrize("render", [terminal, page, data])
@pytest.mark.parametrize("name", [*cases(lambda attack: "bites" in attack, hole_in="")])
def test_a_report_bites_nobody(graded, name, render):
    report, _ = graded(name)

    shown = render(report)

    harmless_there = {"<script", "<img", "# 3 of 3"} if render is not page else set()
    assert [text for text in ATTACKS[name]["bites"] if text in shown and text not in harmless_there] == []


@pytest.mark.parametrize("name", [*cases(lambda attack: "commands" in attack, hole_in="commands")])
def test_a_pipeline_obeys_no_line_of_a_report(graded, name):
    report, _ = graded(name)

    lines = [line.strip() for line in terminal(report).splitlines()]

    assert [line for line in lines if line.startswith(("::", "##[", "##vso["))] == []


def test_the_grader_is_unharmed_after_all_of_them(open_grader):
    grader = open_grader("count-nights")
    exercise = grader.exercise

    for name in ("floods-the-line", "patches-the-runner", "daemon-outlives", "recursion", "empties-its-own-folders"):
        grader.grade(HOME / "tests/attacks" / name)

    assert grader.grade(exercise.starter, exercise.reference).outcome == "passed"
