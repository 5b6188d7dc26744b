"""A watch grades every save, outlives what learners and graders do, and leaves nothing behind."""

from __future__ import annotations

import queue
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from prodev.course import Exercise
from prodev.grading import Report
from prodev.workspace import Workspace, vigil
from prodev.workspace.desk import lay_out
from prodev.workspace.vigil import Broken, Event, Graded, Running, Vigil

WAIT_S = 20
vigil_grader = vigil.Grader
WRONG = "def nights(check_in, check_out):\n    return (check_out - check_in).days + 1\n"


@pytest.fixture
def folder(workspace: Workspace, nights: Exercise) -> Path:
    lay_out(workspace, nights)
    return workspace.folder(nights)


@pytest.fixture
def events(workspace: Workspace, nights: Exercise, folder: Path) -> Iterator[queue.Queue[Event]]:
    told: queue.Queue[Event] = queue.Queue()
    with Vigil(workspace, nights, told.put):
        first = next_report(told)
        assert first.earned == 0
        yield told


def next_report(events: queue.Queue[Event]) -> Report:
    """The report of the run that ends next."""
    while True:
        event = events.get(timeout=WAIT_S)
        if isinstance(event, Graded):
            return event.report
        assert isinstance(event, Running), event


def save(folder: Path, content: str | bytes) -> None:
    """Write as many editors do: into another file, which then takes the name."""
    draft = folder / "nights.py~"
    draft.write_bytes(content if isinstance(content, bytes) else content.encode())
    draft.replace(folder / "nights.py")


def test_every_save_is_graded(events: queue.Queue[Event], folder: Path, nights: Exercise) -> None:
    save(folder, WRONG)
    assert next_report(events).earned == 0

    save(folder, (nights.reference / "nights.py").read_bytes())
    assert next_report(events).outcome == "passed"


def test_it_looks_where_it_cannot_listen(
    workspace: Workspace, nights: Exercise, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHFILES_FORCE_POLLING", "1")  # as on WSL and network drives
    told: queue.Queue[Event] = queue.Queue()
    with Vigil(workspace, nights, told.put):
        next_report(told)
        threading.Event().wait(0.5)

        save(folder, (nights.reference / "nights.py").read_bytes())

        assert next_report(told).outcome == "passed"


def test_one_save_is_one_run(events: queue.Queue[Event], folder: Path) -> None:
    (folder / "nights.py").write_text("")
    (folder / "nights.py").write_text(WRONG)
    (folder / "nights.py").touch()
    next_report(events)

    with pytest.raises(queue.Empty):
        events.get(timeout=0.5)


def test_a_save_in_two_halves_is_one_run(events: queue.Queue[Event], folder: Path, nights: Exercise) -> None:
    (folder / "nights.py").write_text("")
    threading.Event().wait(0.05)
    (folder / "nights.py").write_bytes((nights.reference / "nights.py").read_bytes())

    assert next_report(events).outcome == "passed"


def test_it_recovers_from_all_that_happens_to_a_file(
    events: queue.Queue[Event], folder: Path, nights: Exercise
) -> None:
    answer = folder / "nights.py"

    save(folder, "def nights(:\n")
    assert "SyntaxError" in next_report(events).tasks[0].first_message
    answer.unlink()
    assert "nights.py is missing" in next_report(events).problem
    answer.mkdir()
    assert "nights.py is" in next_report(events).problem
    answer.rmdir()
    assert "nights.py is missing" in next_report(events).problem
    save(folder, b"# caf\xe9\n")
    assert "not UTF-8" in next_report(events).problem
    save(folder, (nights.reference / "nights.py").read_bytes())
    assert next_report(events).outcome == "passed"


def test_it_recovers_when_the_folder_goes_and_comes_back(
    workspace: Workspace, events: queue.Queue[Event], folder: Path, nights: Exercise
) -> None:
    shutil.rmtree(folder)
    assert "missing" in next_report(events).problem

    lay_out(workspace, nights)
    save(folder, (nights.reference / "nights.py").read_bytes())

    report = next_report(events)
    while report.outcome != "passed":
        report = next_report(events)


def test_a_save_cuts_an_endless_loop_short(
    events: queue.Queue[Event], folder: Path, nights: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vigil, "_PATIENCE_S", 0.1)
    save(folder, "while True:\n    pass\n")
    assert isinstance(events.get(timeout=WAIT_S), Running)
    threading.Event().wait(0.4)

    save(folder, (nights.reference / "nights.py").read_bytes())

    report = next_report(events)
    assert report.outcome == "passed"
    assert report.seconds < 2


def test_a_save_after_a_pause_finds_the_grader_warm(
    events: queue.Queue[Event], folder: Path, nights: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Exercise] = []
    monkeypatch.setattr(vigil, "_PATIENCE_S", 0.1)
    monkeypatch.setattr(vigil, "Grader", lambda exercise: opened.append(exercise) or vigil_grader(exercise))
    threading.Event().wait(0.4)

    save(folder, (nights.reference / "nights.py").read_bytes())

    assert next_report(events).outcome == "passed"
    assert opened == []


def test_a_grader_that_crashes_is_replaced(
    events: queue.Queue[Event], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashes = iter([RuntimeError("the nursery is gone")])
    grade = vigil.Grader.grade

    def crash_once(self: vigil.Grader, *layers: Path) -> Report:
        for crash in crashes:
            raise crash
        return grade(self, *layers)

    monkeypatch.setattr(vigil.Grader, "grade", crash_once)
    save(folder, WRONG)

    assert next_report(events).outcome == "failed"


def test_a_grader_that_always_crashes_is_told_and_tried_again(
    events: queue.Queue[Event], folder: Path, nights: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(self: vigil.Grader, *_: Path) -> Report:
        raise RuntimeError("no room")

    with monkeypatch.context() as broken:
        broken.setattr(vigil.Grader, "grade", crash)
        save(folder, WRONG)
        assert isinstance(events.get(timeout=WAIT_S), Running)
        assert events.get(timeout=WAIT_S) == Broken("The grader failed, not you: RuntimeError: no room")

    save(folder, (nights.reference / "nights.py").read_bytes())

    assert next_report(events).outcome == "passed"


def test_closing_during_a_run_leaves_no_thread(workspace: Workspace, nights: Exercise, folder: Path) -> None:
    before = threading.active_count()
    save(folder, "while True:\n    pass\n")
    told: queue.Queue[Event] = queue.Queue()

    with Vigil(workspace, nights, told.put):
        assert isinstance(told.get(timeout=WAIT_S), Running)

    assert threading.active_count() == before
