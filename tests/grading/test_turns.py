"""One process serves test after test, and each finds it as the first did; what cannot be undone costs the process."""

from pathlib import Path

import pytest

from prodev.course import Course
from prodev.grading import Grader

TOY = Path(__file__).parents[1] / "toy_course"
RIGHT = (TOY / "solutions/00-stays/count-nights/reference/nights.py").read_text()
SERVED = "import calendar\ncalendar.served = served = getattr(calendar, 'served', 0) + 1\n"
"""Counts imports of the candidate in one process, in the one kind of place that nobody looks after."""


@pytest.fixture(scope="module")
def grader():
    with Grader(Course(TOY).exercise("count-nights"), floor_s=0.6) as grader:
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


def printed(report):
    return [test.output.strip() for task in report.tasks for test in task.tests]


def test_one_process_serves_every_test(graded):
    report = graded(SERVED + at_each_call("print(served)"))

    assert report.outcome == "passed"
    assert printed(report) == ["1", "2", "3", "4", "5"]


def test_another_submission_has_another_process(graded):
    graded(SERVED + at_each_call("print(served)"))

    assert printed(graded(SERVED + at_each_call("print(served)")))[0] == "1"


@pytest.mark.parametrize(
    ("start", "call", "clean"),
    [
        pytest.param("calls = []", "calls.append(1); print(len(calls))", "1", id="module"),
        pytest.param("import os", "print(os.environ.get('X')); os.environ['X'] = '1'", "None", id="environment"),
        pytest.param("import os", "print(os.listdir('.')); open('left', 'w').close()", "[]", id="file"),
        pytest.param("import os", "print(len(os.listdir('..'))); open('../left', 'w').close()", "1", id="file beside"),
        pytest.param("import os", "print(os.getcwd()[-5:-1]); os.mkdir('a'); os.chdir('a')", "/of-", id="folder"),
        pytest.param("import sys", "print('x' in sys.path); sys.path.append('x')", "False", id="path"),
        pytest.param("import os", "print(os.umask(0))", "18", id="mask"),
        pytest.param("from decimal import getcontext as now", "print(now().prec); now().prec = 3", "28", id="decimals"),
        pytest.param(
            "import contextvars\nguest = contextvars.ContextVar('guest')",
            "print(guest.get('nobody')); guest.set('Ada')", "nobody", id="context",
        ),
        pytest.param("import sys", "print('made' in sys.modules); sys.modules['made'] = {}", "False", id="made module"),
        pytest.param("import os, time", "print(*time.tzname); os.environ['TZ'] = 'E'; time.tzset()", "UTC UTC", id="z"),
    ],
)  # fmt: skip
def test_no_test_finds_what_another_left(graded, start, call, clean):
    report = graded(SERVED + f"{start}\n" + at_each_call(f"print(served, end=' '); {call}"))

    assert report.outcome == "passed"
    assert printed(report) == [f"{number} {clean}" for number in (1, 2, 3, 4, 5)]  # and the process was kept


def test_what_was_drawn_from_a_seed_is_not_drawn_again(graded):
    report = graded("import random\n" + at_each_call("print(random.random()); random.seed(1)"))

    assert len(set(printed(report))) == 5


@pytest.mark.parametrize(
    ("start", "call"),
    [
        pytest.param("import threading", "threading.Timer(9, print).start()", id="thread"),
        pytest.param("import os", "held.append(os.open('/dev/null', os.O_RDONLY))", id="descriptor"),
        pytest.param("import subprocess", "held.append(subprocess.Popen(['sleep', '9']))", id="child"),
        pytest.param("import os", "os.fork() or os.execvp('sleep', ['sleep', '9'])", id="fork"),
        pytest.param("import builtins", "builtins.price = 1", id="builtin"),
        pytest.param("import signal", "signal.signal(signal.SIGUSR1, signal.SIG_IGN)", id="signal"),
        pytest.param("import logging", "logging.getLogger('x').addHandler(logging.NullHandler())", id="handler"),
        pytest.param("import logging", "logging.disable(logging.ERROR)", id="logs disabled"),
        pytest.param("import warnings", "warnings.simplefilter('error')", id="warnings"),
        pytest.param("import sys", "sys.setrecursionlimit(5000)", id="recursion"),
        pytest.param("import sys", "sys.modules['json'] = sys", id="module replaced"),
        pytest.param("import sys", "sys.excepthook = print", id="hook"),
        pytest.param("import sys", "sys.meta_path.insert(0, sys.meta_path[-1])", id="importer"),
        pytest.param("import gc", "gc.disable()", id="garbage"),
        pytest.param("import tracemalloc", "tracemalloc.start()", id="tracing"),
        pytest.param("import resource", "resource.setrlimit(resource.RLIMIT_NOFILE, (99, 99))", id="limit"),
        pytest.param("import locale", "locale.setlocale(locale.LC_ALL, 'C')", id="locale"),
        pytest.param("import sys", "sys.stdout = sys.stderr", id="stream"),
    ],
)
def test_what_cannot_be_undone_costs_the_process(graded, start, call):
    report = graded(SERVED + f"held = []\n{start}\n" + at_each_call(f"print(served, flush=True); {call}"))

    assert report.outcome == "passed"
    assert set(printed(report)) == {"1"}


def test_a_test_that_ends_its_process_costs_the_next_nothing(graded):
    report = graded("import os\n" + at_each_call("if check_in > check_out: os._exit(3)"))

    outcomes = [test.outcome for task in report.tasks for test in task.tests]
    assert (outcomes.count("passed"), outcomes.count("failed")) == (4, 1)


def test_each_test_shows_what_the_import_printed(graded):
    assert set(printed(graded("print('imported')\n" + RIGHT))) == {"imported"}


def test_one_that_hangs_when_it_should_forget_is_not_waited_for(graded):
    linger = "class Linger:\n    def __del__(self):\n        while True: pass\n"

    report = graded(SERVED + linger + "held = Linger()\n" + at_each_call("print(served)"))

    assert report.outcome == "passed"
    assert set(printed(report)) == {"1"}
