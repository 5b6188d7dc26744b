"""A web application is imported once and forked for every test, unless a fork would lack something."""

import contextlib
import os
import shutil
import sys
import time
from pathlib import Path

import pytest

from prodev.course import Course
from prodev.grading import Grader

TOY = Path(__file__).parents[1] / "toy_course"
RIGHT = (TOY / "solutions/00-stays/count-nights/reference/nights.py").read_text()
CLOCK = "import time\nimported_at = time.monotonic_ns()\n"


@pytest.fixture(scope="module")
def exercise(tmp_path_factory):
    """The toy exercise as a framework would have it: behind its app, a state that no module could be rid of."""
    course = tmp_path_factory.mktemp("course") / "toy"
    shutil.copytree(TOY, course)
    facts = course / "exercises/00-stays/count-nights/exercise.toml"
    facts.write_text('app = "nights:count"\n' + facts.read_text())
    return Course(course).exercise("count-nights")


@pytest.fixture(scope="module")
def grader(exercise):
    with Grader(exercise, floor_s=0.6) as grader:
        yield grader


@pytest.fixture
def graded(grader, tmp_path):
    def graded(text):
        (tmp_path / "nights.py").write_text(text)
        return grader.grade(tmp_path)

    return graded


def at_each_call(code):
    """The right answer, which begins each call with ``code``."""
    return RIGHT.replace("    if check_out", f"    {code}\n    if check_out")


def results(report):
    return [test for task in report.tasks for test in task.tests]


def imports_in(report):
    """How many different imports the tests have seen."""
    return len({test.output for test in results(report)})


def test_one_import_serves_every_test(graded):
    report = graded(CLOCK + at_each_call("print(imported_at)"))

    assert report.outcome == "passed"
    assert imports_in(report) == 1


def test_where_a_machine_is_idle_each_test_has_a_process_ahead(exercise, tmp_path):
    (tmp_path / "nights.py").write_text(CLOCK + at_each_call("print(imported_at)"))

    with Grader(exercise, idle=True, floor_s=0.6) as grader:
        first, second = grader.grade(tmp_path), grader.grade(tmp_path)

    assert (first.outcome, second.outcome) == ("passed", "passed")
    assert imports_in(second) == len(results(second)) == 5


def test_each_test_shows_what_the_import_printed(graded):
    report = graded("print('imported')\n" + RIGHT)

    assert {test.output for test in results(report)} == {"imported\n"}


@pytest.mark.parametrize(
    "company",
    [
        pytest.param("import threading\nthreading.Timer(9, print).start()\n", id="thread"),
        pytest.param("import os\nheld = os.open('/dev/null', os.O_RDONLY)\n", id="descriptor"),
        pytest.param("import subprocess\nchild = subprocess.Popen(['sleep', '9'])\n", id="child"),
    ],
)  # fmt: skip
def test_what_a_fork_would_lack_gives_each_test_a_process_of_its_own(graded, company):
    report = graded(CLOCK + company + at_each_call("print(imported_at)"))

    assert report.outcome == "passed"
    assert imports_in(report) == len(results(report)) == 5


def test_no_test_sees_what_another_left_in_memory(graded):
    report = graded("calls = []\n" + at_each_call("calls.append(1); print(len(calls))"))

    assert {test.output.strip() for test in results(report)} == {"1"}


def test_no_test_finds_what_another_left_in_its_folder(graded):
    report = graded("import os\n" + at_each_call("print(os.listdir('.')); open('left', 'w').close()"))

    assert report.outcome == "passed"
    assert {test.output.strip() for test in results(report)} == {"[]"}


@pytest.mark.skipif(sys.platform != "linux", reason="takes a process namespace")
def test_a_process_that_a_test_left_is_gone_before_the_next(graded):
    count = "sum(entry.isdigit() for entry in os.listdir('/proc'))"
    leave = f"print({count}); subprocess.Popen(['sleep', '60'], start_new_session=True)"

    report = graded("import os, subprocess\n" + at_each_call(leave))

    if not report.isolation.startswith("L3"):
        pytest.skip(f"around candidates on this machine stands {report.isolation}")
    assert {test.output.strip() for test in results(report)} == {"2"}  # the first process and its fork


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("while True:\n    pass\n", "stopped waiting", id="hangs"),
        pytest.param("import os\nos._exit(0)\n", "ended its own process with status 0", id="ends"),
        pytest.param("import ctypes\nctypes.string_at(0)\n", "crashed its process (SIGSEGV)", id="crashes"),
        pytest.param("1 / 0\n", "nights.py does not import. ZeroDivisionError", id="raises"),
        pytest.param("import os\nos.register_at_fork(before=lambda: os._exit(0))\n" + RIGHT, "", id="ends at the fork"),
    ],
)
def test_an_import_that_fails_is_told_where_a_test_asks(graded, text, said):
    report = graded(text)

    tests = results(report)
    if said:
        assert report.outcome == "failed"
        assert all(said in test.message for test in tests), tests[0].message
    else:
        assert report.outcome == "passed"  # in processes of their own, where nothing is forked


def test_it_waits_for_nobody_when_its_judge_is_gone(grader, graded):
    name = f"waits-{os.urandom(3).hex()}"
    graded(f"import ctypes\nctypes.CDLL(None).prctl(15, b'{name}')\n" + RIGHT)

    until = time.monotonic() + 5
    while name in _names() and time.monotonic() < until:
        time.sleep(0.05)

    assert name not in _names()


def _names():
    found = set()
    for comm in Path("/proc").glob("[0-9]*/comm"):
        with contextlib.suppress(OSError):
            found.add(comm.read_text().strip())
    return found
