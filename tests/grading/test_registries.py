"""One process serves every test of a web application, and each finds what Django keeps as the first did."""

import pytest

from prodev.course import Course
from prodev.grading import Grader

EXERCISE = Course.here().exercise("kill-the-n-plus-one")
RIGHT = (EXERCISE.reference / "stays/views.py").read_text()
SERVED = "import calendar\ncalendar.served = served = getattr(calendar, 'served', 0) + 1\n"
"""Counts imports of the candidate in one process, in the one kind of place that nobody looks after."""


@pytest.fixture(scope="module")
def grader():
    with Grader(EXERCISE) as grader:
        yield grader


@pytest.fixture
def graded(grader, tmp_path):
    def graded(start, view):
        """Grade the right answer, whose view begins with ``view``."""
        body = RIGHT.replace("    return JsonResponse({", f"    {view}\n    return JsonResponse({{", 1)
        (tmp_path / "stays").mkdir()
        (tmp_path / "stays/views.py").write_text(body.replace('"""\n', f'"""\n{SERVED}{start}\n', 1))
        return grader.grade(EXERCISE.starter, EXERCISE.reference, tmp_path)

    return graded


def printed(report):
    """What requests printed, by the tests that sent any."""
    outputs = [test.output for task in report.tasks for test in task.tests]
    return [output.splitlines() for output in outputs if output]


@pytest.mark.parametrize(
    ("start", "view", "clean"),
    [
        pytest.param("seen = []", "print(served, len(seen)); seen.append(1)", "0", id="module of the candidate"),
        pytest.param(
            "import stays",
            "from stays import selectors; print(served, hasattr(selectors, 'seen')); selectors.seen = 1", "False",
            id="package of the exercise",
        ),
        pytest.param(
            "from django.core.cache import cache", "print(served, cache.get('x')); cache.set('x', 1)", "None",
            id="cache",
        ),
        pytest.param(
            "from django.db import connection", "print(served, len(connection.execute_wrappers)); "
            "connection.execute_wrappers.append(lambda run, *asked: run(*asked))", "0", id="connection",
        ),
        pytest.param(
            "from django.utils import timezone", "print(served, timezone.get_current_timezone_name()); "
            "timezone.activate('Asia/Tokyo')", "UTC", id="time zone",
        ),
        pytest.param(
            "from django.utils import translation",
            "print(served, translation.get_language()); translation.activate('de')", "en-us", id="language",
        ),
    ],
)  # fmt: skip
def test_no_test_finds_what_another_left(graded, start, view, clean):
    report = graded(start, view)

    assert report.outcome == "passed"
    first = sorted(lines[0] for lines in printed(report))  # one test sends two requests to one process
    assert first == [f"{number} {clean}" for number in range(1, len(first) + 1)]  # and the process was kept
    assert len(first) > 2


@pytest.mark.parametrize(
    ("start", "view"),
    [
        pytest.param("from django.conf import settings", "settings.APPEND_SLASH = False", id="setting"),
        pytest.param(
            "from django.conf import settings", "settings.DATABASES['default']['TIME_ZONE'] = 'UTC'", id="database"
        ),
        pytest.param(
            "from django.core.signals import request_started as began\ndef heard(**_):\n    pass",
            "began.connect(heard, weak=False)", id="signal",
        ),
        pytest.param(
            "from django.db import models\nclass Note(models.Model):\n    class Meta:\n        app_label = 'stays'",
            "pass", id="model",
        ),
        pytest.param("", "Listing.__str__ = str", id="class of the exercise"),
        pytest.param("", "Listing._meta.ordering = ['id']", id="option of a model"),
        pytest.param("import stays.models", "stays.models.seen = 1", id="module of the exercise"),
        pytest.param("from django.db.models import QuerySet", "QuerySet.served = 1", id="class of Django"),
        pytest.param("import config.wsgi", "config.wsgi.application.seen = 1", id="handler"),
    ],
)  # fmt: skip
def test_what_cannot_be_undone_costs_the_process(graded, start, view):
    report = graded(start, f"print(served, flush=True); {view}")

    assert report.outcome == "passed"
    assert {line for lines in printed(report) for line in lines} == {"1"}
