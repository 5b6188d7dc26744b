"""A function that a test passes along is called over the line and stays where the verdict is made."""

import shutil
from pathlib import Path

import pytest

from prodev.course import Course
from prodev.grading import Foreign, Grader, Raised

TOY = Path(__file__).parents[1] / "toy_course"

ANSWER = """
class Declined(Exception):
    pass

def twice(function, *args, **kwargs):
    return [function(*args, **kwargs), function(*args, **kwargs)]

def survive(function):
    try:
        return function()
    except Declined as error:
        return f"declined: {error}"

async def waits(function):
    return await function(3)

def nights(a, b):
    return 0
"""


@pytest.fixture
def run_suite(tmp_path):
    """Grade ANSWER with one test, whose body is given, and return that test's result."""

    def run(body):
        course = shutil.copytree(TOY, tmp_path / "course")
        exercise = Course(course).exercise("count-nights")
        suite = "import pytest\nfrom prodev.grading import Foreign, Raised\n\n@pytest.mark.task('half-open')\n"
        lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
        (exercise.tests / "test_nights.py").write_text(f"{suite}def test_it(candidate):\n    '''It.'''\n{lines}\n")
        (tmp_path / "answer").mkdir()
        (tmp_path / "answer" / "nights.py").write_text(ANSWER)
        with Grader(exercise, warm=False) as grader:
            return grader.grade(tmp_path / "answer").tasks[0].tests[0]

    return run


@pytest.mark.parametrize(
    "body",
    [
        "seen = []\nassert candidate.call('nights:twice', seen.append, 5) == [None, None]\nassert seen == [5, 5]",
        "assert candidate.call('nights:twice', lambda n, *, by: n * by, 2, by=4) == [8, 8]",
        "def no():\n    raise Foreign('nights:Declined', 'no funds')\n"
        "assert candidate.call('nights:survive', no) == 'declined: no funds'",
        "def no():\n    raise TimeoutError('late')\nassert candidate.call('nights:survive', no).type == 'TimeoutError'",
        "async def later(n):\n    return n + 1\nassert candidate.call('nights:waits', later) == 4",
        "assert candidate.call('nights:twice', lambda: 1).__class__ is list",
    ],
)
def test_a_function_of_the_test_answers_across_the_line(run_suite, body):
    result = run_suite(body)

    assert (result.outcome, result.message) == ("passed", "")


def test_foreign_names_the_class_it_stands_for():
    error = Foreign("pay:Declined", "no funds")

    assert (error.target, error.message) == ("pay:Declined", "no funds")
    assert Raised("Declined", "no funds").is_a("Declined")
