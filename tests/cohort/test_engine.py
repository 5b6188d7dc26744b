"""A grader that breaks is the grader's fault: another one tries again, and nobody is blamed."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from handing_in import RIGHT, TOY, WRONG

from prodev.cohort.candidates import Candidate
from prodev.cohort.engine import TRIES, Desk, Graded, Job
from prodev.cohort.local import LocalEngine
from prodev.course import Course, Exercise
from prodev.grading import Grader, Judges, Report

RIGHT_ONE = Candidate({"nights.py": RIGHT.encode()})
WRONG_ONE = Candidate({"nights.py": WRONG.encode()})


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    return Course(TOY).exercise("count-nights")


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.close()


def job_of(candidate: Candidate, *, seed: int = 7) -> Job:
    return Job("count-nights", f"key of {candidate.digest}", candidate.digest, seed)


class Unreliable:
    """A stand-in for graders: for each grading one of ``answers``, an error, or a change to a true report."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: Exception | Callable[[Report], Report]) -> None:
        self.answers = list(answers)
        self.opened = 0
        grade, init = Grader.grade, Grader.__init__

        def counted(grader: Grader, exercise: Exercise, *, judges: Judges | None) -> None:
            self.opened += 1
            init(grader, exercise, judges=judges)

        def spoilt(grader: Grader, *layers: Path, seed: int | None = None) -> Report:
            answer = self.answers.pop(0) if self.answers else None
            if isinstance(answer, Exception):
                raise answer
            report = grade(grader, *layers, seed=seed)
            return answer(report) if answer else report

        monkeypatch.setattr(Grader, "__init__", counted)
        monkeypatch.setattr(Grader, "grade", spoilt)


def as_if(outcome: str, message: str = "", *, remedy: str = "") -> Callable[[Report], Report]:
    """Change every test of a report."""

    def change(report: Report) -> Report:
        tasks = tuple(
            msgspec.structs.replace(
                task,
                outcome=outcome,
                earned=0,
                tests=tuple(msgspec.structs.replace(t, outcome=outcome, message=message) for t in task.tests),
            )
            for task in report.tasks
        )
        return msgspec.structs.replace(report, outcome=outcome, earned=0, tasks=tasks, remedy=remedy)

    return change


def test_a_right_answer_is_graded_with_the_seed_of_its_job(desk: Desk, exercise: Exercise) -> None:
    graded = desk.grade(exercise, job_of(RIGHT_ONE, seed=1234), RIGHT_ONE)

    assert (graded.report.outcome, graded.report.earned, graded.report.seed) == ("passed", 3, 1234)
    assert graded.report.seconds == 0
    assert graded.seconds > 0
    assert graded.is_whole


def test_what_could_not_be_taken_earns_nothing_and_says_why(desk: Desk, exercise: Exercise) -> None:
    candidate = Candidate({}, problem="nights.py is encrypted.")

    report = desk.grade(exercise, job_of(candidate), candidate).report

    assert (report.outcome, report.problem, report.isolation) == ("failed", "nights.py is encrypted.", "")
    assert [(task.outcome, task.earned) for task in report.tasks] == [("failed", 0), ("failed", 0)]


@pytest.mark.parametrize(
    ("candidate", "said"),
    [
        (Candidate({}), "nights.py is missing"),
        (Candidate({}, links=("nights.py",)), "nights.py is a link"),
        (Candidate({}, folders=("nights.py",)), "nights.py is a folder"),
        (Candidate({"nights.py": b"#" * (1024 * 1024 + 1)}), "nights.py is larger than 1024 KiB"),
    ],
)
def test_what_the_grader_refuses_reaches_it_as_it_was_handed_in(
    desk: Desk, exercise: Exercise, candidate: Candidate, said: str
) -> None:
    assert said in desk.grade(exercise, job_of(candidate), candidate).report.problem


def test_files_beside_an_answer_are_remarked_on(desk: Desk, exercise: Exercise) -> None:
    candidate = Candidate(RIGHT_ONE.files, beside=("helper.py",))

    (note,) = desk.grade(exercise, job_of(candidate), candidate).report.notes

    assert "helper.py is not one of the files" in note


def test_two_gradings_of_one_answer_are_equal_byte_for_byte(desk: Desk, exercise: Exercise) -> None:
    chatty = "import sys\ndef nights(a, b):\n    print(object(), file=sys.stderr)\n    return object()\n"
    candidate = Candidate({"nights.py": chatty.encode()})

    reports = []
    for _ in range(2):
        reports.append(msgspec.json.encode(desk.grade(exercise, job_of(candidate), candidate).report))
        desk.close()

    assert reports[0] == reports[1]
    assert b"<object object at 0x\xe2\x80\xa6>" in reports[0]


@pytest.mark.parametrize(
    "trouble",
    [
        RuntimeError("the bench collapsed"),
        ChildProcessError("the nursery is gone"),
        as_if("ungraded", "A process for your code could not be started on this machine."),
        as_if("failed", "I called nights(1) and your code crashed its process (SIGKILL)."),
        as_if("failed", "I called nights(1) and your code closed its line to me but is still running."),
    ],
)
def test_what_the_machine_may_have_spoilt_is_tried_again_on_another_grader(
    desk: Desk, exercise: Exercise, monkeypatch: pytest.MonkeyPatch, trouble: Exception | Callable[[Report], Report]
) -> None:
    unreliable = Unreliable(monkeypatch, trouble)

    graded = desk.grade(exercise, job_of(RIGHT_ONE), RIGHT_ONE)

    assert graded.report.outcome == "passed"
    assert unreliable.opened == 2


def test_a_report_without_its_end_is_tried_again(
    desk: Desk, exercise: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    Unreliable(monkeypatch, lambda report: msgspec.structs.replace(report, problem="The grader ended early."))

    assert desk.grade(exercise, job_of(WRONG_ONE), WRONG_ONE).report.problem == ""


def test_a_grader_that_breaks_every_time_could_not_grade(
    desk: Desk, exercise: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    unreliable = Unreliable(monkeypatch, *[RuntimeError("the bench collapsed")] * 5)

    graded = desk.grade(exercise, job_of(RIGHT_ONE), RIGHT_ONE)

    assert graded.report.outcome == "ungraded"
    assert graded.report.problem == f"The grader broke {TRIES} times: RuntimeError: the bench collapsed"
    assert not graded.is_whole
    assert len(unreliable.answers) == 5 - TRIES
    assert desk.grade(exercise, job_of(WRONG_ONE), WRONG_ONE).report.outcome == "failed"


def test_what_is_known_to_be_missing_is_not_tried_again(
    desk: Desk, exercise: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    unreliable = Unreliable(monkeypatch, as_if("ungraded", "No psql here.", remedy="prodev doctor"))

    assert desk.grade(exercise, job_of(RIGHT_ONE), RIGHT_ONE).report.outcome == "ungraded"
    assert unreliable.opened == 1


def test_what_comes_twice_is_the_candidates_own(
    desk: Desk, exercise: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = as_if("failed", "I called nights(1) and your code crashed its process (SIGKILL).")
    unreliable = Unreliable(monkeypatch, *[killed] * 5)

    assert desk.grade(exercise, job_of(WRONG_ONE), WRONG_ONE).report.outcome == "failed"
    assert len(unreliable.answers) == 3


def test_a_failure_is_not_tried_again(desk: Desk, exercise: Exercise, monkeypatch: pytest.MonkeyPatch) -> None:
    unreliable = Unreliable(monkeypatch)

    desk.grade(exercise, job_of(WRONG_ONE), WRONG_ONE)
    desk.grade(exercise, job_of(RIGHT_ONE), RIGHT_ONE)

    assert unreliable.opened == 1


def test_a_candidate_is_not_blamed_for_a_grader_that_fell_apart(
    desk: Desk, exercise: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    Unreliable(monkeypatch, as_if("failed", "Your code ended its own process with status 0."))
    sound = iter([False, True])
    monkeypatch.setattr(Grader, "is_sound", lambda _: next(sound))

    assert desk.grade(exercise, job_of(RIGHT_ONE), RIGHT_ONE).report.outcome == "passed"


def test_a_dead_nursery_is_noticed(exercise: Exercise) -> None:
    with Grader(exercise) as grader:
        assert grader.is_sound()
        os.kill(grader._bench._suite.nursery.process.pid, signal.SIGKILL)
        grader._bench._suite.nursery.process.wait()

        assert not grader.is_sound()


def test_slots_collect_a_suite_once(tmp_path: Path) -> None:
    exercise = Course(shutil.copytree(TOY, tmp_path / "course")).exercise("count-nights")
    suite = exercise.tests / "test_nights.py"
    noted = f"import pathlib\npathlib.Path({str(tmp_path / 'noted')!r}).open('a').write('collected ')\n"
    suite.write_text(suite.read_text().replace("import pytest\n", f"import pytest\n{noted}", 1))
    candidates = {(each := Candidate({"nights.py": f"{RIGHT}# {n}".encode()})).digest: each for n in range(6)}
    jobs = [job_of(candidate) for candidate in candidates.values()]

    graded = list(LocalEngine({"count-nights": exercise}, slots=3)(jobs, candidates.__getitem__))

    assert [each.report.outcome for each in graded] == 6 * ["passed"]
    assert (tmp_path / "noted").read_text() == "collected "


def test_judges_that_died_are_replaced_for_every_grader(exercise: Exercise, tmp_path: Path) -> None:
    (tmp_path / "nights.py").write_text(RIGHT)
    judges = Judges()
    with Grader(exercise, judges=judges) as first:
        os.kill(first._bench._suite.nursery.process.pid, signal.SIGKILL)
        first._bench._suite.nursery.process.wait()

        with Grader(exercise, judges=judges) as second, Grader(exercise, judges=judges) as third:
            reports = [grader.grade(tmp_path) for grader in (second, third)]
            shared = second._bench._suite is third._bench._suite

    assert [report.outcome for report in reports] == ["passed", "passed"]
    assert shared
    assert not first.is_sound()


@pytest.mark.parametrize("slots", [1, 2, 5])
def test_the_engine_grades_every_job_once(exercise: Exercise, slots: int) -> None:
    tag = Course(TOY).exercise("price-tag")
    candidates = {each.digest: each for each in (RIGHT_ONE, WRONG_ONE, Candidate({"tag.json": b"{}"}))}
    jobs = [job_of(RIGHT_ONE), job_of(WRONG_ONE), Job("price-tag", "k", Candidate({"tag.json": b"{}"}).digest, 7)]

    engine = LocalEngine({"count-nights": exercise, "price-tag": tag}, slots=slots)
    graded = list(engine(jobs, candidates.__getitem__))

    assert sorted((each.exercise, each.report.earned) for each in graded) == [
        ("count-nights", 1),
        ("count-nights", 3),
        ("price-tag", 0),
    ]


def test_an_engine_without_jobs_starts_nothing(exercise: Exercise) -> None:
    threads = threading.active_count()

    assert list(LocalEngine({"count-nights": exercise}, slots=2)([], {}.__getitem__)) == []
    assert threading.active_count() == threads


def test_a_candidate_that_cannot_be_had_costs_the_others_nothing(exercise: Exercise) -> None:
    engine = LocalEngine({"count-nights": exercise}, slots=2)
    known = {RIGHT_ONE.digest: RIGHT_ONE}

    graded = {each.candidate: each.report for each in engine([job_of(WRONG_ONE), job_of(RIGHT_ONE)], known.__getitem__)}

    assert graded[RIGHT_ONE.digest].outcome == "passed"
    assert graded[WRONG_ONE.digest].outcome == "ungraded"
    assert "It could not be graded: KeyError" in graded[WRONG_ONE.digest].problem


def test_an_engine_that_is_closed_leaves_nothing_behind(exercise: Exercise) -> None:
    candidates = {(each := Candidate({"nights.py": f"{RIGHT}# {n}".encode()})).digest: each for n in range(20)}
    jobs = [job_of(candidate) for candidate in candidates.values()]
    threads = threading.active_count()
    results = LocalEngine({"count-nights": exercise}, slots=2)(jobs, candidates.__getitem__)

    first: Graded = next(results)
    results.close()

    assert first.report.outcome == "passed"
    assert threading.active_count() == threads
