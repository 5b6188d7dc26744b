"""One path for every candidate: what is taken, what is reported, what is said when it cannot be."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

from prodev.course import Course
from prodev.grading import Grader, grade, layers_of, report_schema
from prodev.grading.report import report_json

TOY = Path(__file__).parents[1] / "toy_course"


@pytest.fixture(scope="module")
def grader():
    with Grader(Course(TOY).exercise("count-nights"), floor_s=0.4) as grader:
        yield grader


@pytest.fixture
def answer(tmp_path, grader):
    """A learner's folder that holds the reference."""
    folder = tmp_path / "count-nights"
    shutil.copytree(grader.exercise.reference, folder)
    return folder


def test_the_reference_earns_everything(grader):
    report = grader.grade(*layers_of(grader.exercise, grader.exercise.reference))

    assert (report.outcome, report.earned, report.points) == ("passed", 3, 3)


def test_the_starter_earns_nothing_and_says_todo(grader):
    report = grader.grade(grader.exercise.starter)

    assert (report.outcome, report.earned) == ("failed", 0)
    assert "TODO" in report.first_failing_task.first_message


def test_a_task_is_all_or_nothing(grader, answer):
    (answer / "nights.py").write_text("def nights(a, b):\n    return (b - a).days\n")

    report = grader.grade(answer)

    assert {task.id: task.earned for task in report.tasks} == {"half-open": 2, "refuses": 0}


def test_the_report_obeys_its_published_schema(grader, answer):
    report = grader.grade(answer)

    jsonschema.validate(json.loads(report_json(report)), report_schema())


def test_the_same_seed_and_another_order_give_the_same_tasks(grader):
    layers = layers_of(grader.exercise, grader.exercise.misconception_folders[0])

    first, second = grader.grade(*layers, seed=7), grader.grade(*layers, seed=7, order=3)

    assert [(task.id, task.outcome) for task in first.tasks] == [(task.id, task.outcome) for task in second.tasks]


def test_what_the_candidate_printed_is_in_the_report(grader, answer):
    (answer / "nights.py").write_text("def nights(a, b):\n    print('looking at', a)\n    return 0\n")

    report = grader.grade(answer)

    assert "looking at 2024-05-01" in report.tasks[0].tests[0].output


def test_a_syntax_error_names_its_line(grader, answer):
    (answer / "nights.py").write_text("def nights(a, b):\n    return (b - a\n")

    report = grader.grade(answer)

    assert "SyntaxError" in report.tasks[0].first_message
    assert "nights.py line 2" in report.tasks[0].first_message


def test_a_renamed_function_is_asked_back(grader, answer):
    (answer / "nights.py").write_text("def count(a, b):\n    return 1\n")

    assert "nights.py has no 'nights'" in grader.grade(answer).tasks[0].first_message


def test_a_hanging_call_names_itself_and_the_line(grader, answer):
    (answer / "nights.py").write_text("def nights(a, b):\n    while True:\n        pass\n")

    message = grader.grade(answer).tasks[0].first_message

    assert "nights(datetime.date(2024, 5, 1), datetime.date(2024, 5, 2))" in message
    assert "nights.py" in message.split("still at")[1]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda file: file.unlink(), "nights.py is missing. Bring it back with: prodev reset count-nights"),
        (lambda file: file.write_text("  \n"), "nights.py is empty"),
        (lambda file: file.write_bytes(b"x = '\xe9'\n"), "not UTF-8: byte 0xe9 on line 1"),
        (lambda file: file.write_bytes(b"x = 1\0\n"), "NUL byte"),
        (lambda file: file.write_text("#" * 2_000_000), "larger than 1024 KiB"),
        (lambda file: (file.unlink(), file.mkdir()), "nights.py is a folder"),
        (lambda file: (file.unlink(), os.mkfifo(file)), "nights.py is not a file"),
        (lambda file: (file.rename(file.with_suffix(".bak")), file.symlink_to(file.with_suffix(".bak"))), "is a link"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_its_mend(grader, answer, spoil, says):
    spoil(answer / "nights.py")

    report = grader.grade(answer)

    assert (report.outcome, report.earned) == ("failed", 0)
    assert says in report.problem


def test_files_that_are_not_listed_are_left_out_and_mentioned(grader, answer):
    (answer / "helper.py").write_text("x = 1\n")

    report = grader.grade(answer)

    assert report.outcome == "passed"
    assert any("helper.py" in note for note in report.notes)


def test_a_link_above_the_file_is_not_followed(grader, answer, tmp_path):
    linked = tmp_path / "elsewhere"
    linked.symlink_to(answer)

    assert grader.grade(linked).outcome == "passed"  # the folder itself is what the caller named


def test_a_missing_tool_is_nobody_s_failure(tmp_path, monkeypatch):
    course = shutil.copytree(TOY, tmp_path / "course")
    toml = course / "exercises/00-stays/count-nights/exercise.toml"
    toml.write_text('tools = ["no-such-tool"]\n' + toml.read_text())
    exercise = Course(course).exercise("count-nights")

    report = grade(exercise, exercise.starter)

    assert report.outcome == "ungraded"
    assert "no-such-tool" in report.problem


def test_a_machine_on_which_the_reference_is_late_as_well_judges_nobody(tmp_path):
    course = shutil.copytree(TOY, tmp_path / "course")
    reference = course / "solutions/00-stays/count-nights/reference/nights.py"
    late = "import time\n" + reference.read_text().replace("    if check_out", "    time.sleep(9)\n    if check_out")
    reference.write_text(late)
    exercise = Course(course).exercise("count-nights")
    learner = tmp_path / "learner"
    learner.mkdir()
    (learner / "nights.py").write_text(late + "# mine\n")

    with Grader(exercise, warm=False, floor_s=0.3) as slow:
        report = slow.grade(learner)

    assert report.outcome == "ungraded"
    assert {test.message for task in report.tasks for test in task.tests} == {
        "This machine is too slow, just now, for the answer that we know to be right."
    }


def test_a_broken_suite_is_the_graders_failure(tmp_path):
    course = shutil.copytree(TOY, tmp_path / "course")
    (course / "exercises/00-stays/count-nights/tests/test_nights.py").write_text("import nothing_like_it\n")
    exercise = Course(course).exercise("count-nights")

    report = grade(exercise, *layers_of(exercise, exercise.reference))

    assert (report.outcome, report.earned) == ("ungraded", 0)
    assert "nothing_like_it" in report.problem


def test_a_given_task_guards_the_points_of_the_others(tmp_path):
    course = shutil.copytree(TOY, tmp_path / "course")
    toml = course / "exercises/00-stays/count-nights/exercise.toml"
    toml.write_text(toml.read_text().replace("points = 1", "given = true"))
    exercise = Course(course).exercise("count-nights")
    refuses_nothing = exercise.solution / "misconceptions" / "backwards-is-fine"

    report = grade(exercise, *layers_of(exercise, refuses_nothing))

    assert {task.id: (task.outcome, task.earned) for task in report.tasks} == {
        "half-open": ("passed", 0),
        "refuses": ("failed", 0),
    }


def test_nothing_outlives_a_grader_that_is_killed():
    script = (
        "import time; from pathlib import Path; from prodev.course import Course; from prodev.grading import Grader\n"
        f"g = Grader(Course(Path({str(TOY)!r})).exercise('count-nights'))\n"
        "b = g._bench; print(b._suite.nursery.process.pid, b._workers.process.pid, flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    nurseries = [int(pid) for pid in process.stdout.readline().split()]

    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()

    assert len(nurseries) == 2
    assert _soon(lambda: not any(Path(f"/proc/{pid}").exists() for pid in nurseries))


def test_a_worker_without_its_grader_is_gone_too(grader, answer):
    name = f"stray-{os.urandom(3).hex()}"  # its process id would be that of its own namespace
    call_itself = f"import ctypes\nctypes.CDLL(None).prctl(15, b'{name}')\n"
    (answer / "nights.py").write_text(call_itself + "def nights(a, b):\n    return 0\n")

    report = grader.grade(answer)

    assert report.outcome == "failed"
    assert _soon(lambda: name not in _names_of_processes())


def _soon(holds, within=50):
    for _ in range(within):
        if holds():
            return True
        time.sleep(0.1)
    return False


def _names_of_processes():
    for comm in Path("/proc").glob("[0-9]*/comm"):
        with contextlib.suppress(OSError):
            yield comm.read_text().strip()
