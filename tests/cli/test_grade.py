"""``prodev grade`` as a mentor types it."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import time
import zipfile
from io import StringIO
from pathlib import Path

import jsonschema
import pytest
from learner import PRODEV, Prodev, children_of, is_alive, right_answer

from prodev.cohort import isolation
from prodev.cohort.store import Store
from prodev.course import Course
from prodev.show import cohort_files

ANSWER = "00-stays/count-nights/nights.py"
TAG = "00-stays/price-tag/tag.json"
BITE = "\x1b[2J\x1b[32mpassed\x1b[0m\r\x07"


@pytest.fixture
def cohort(home: Path, course: Course) -> Path:
    """Ada is right, Ben holds a misconception, Cho's zip is broken."""
    wrong = course.exercise("count-nights").solution / "misconceptions/last-day-counts/nights.py"
    hand_in(home / "spring" / "ada", right_answer(course))
    hand_in(home / "spring" / "ben", wrong.read_text() + "\n# mine\n")
    (home / "spring" / "cho.zip").write_bytes(b"no zip")
    return home / "spring"


@pytest.fixture
def only_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the page, which has tests of its own."""
    monkeypatch.delitem(cohort_files.WRITERS, "report.html")


def hand_in(workspace: Path, answer: str) -> Path:
    path = workspace / ANSWER
    path.parent.mkdir(parents=True)
    path.write_text(answer, encoding="utf-8")
    (workspace / "prodev.toml").write_text("")
    return workspace


def test_a_cohort_is_graded_into_every_format(prodev: Prodev, cohort: Path, home: Path) -> None:
    said = prodev("grade", "spring")

    assert said.code == 3, said.err
    files = {path.name for path in (home / "graded").iterdir() if not path.name.startswith(".")}
    assert files == {"results.json", "results.schema.json", "results.csv", "summary.md", "junit.xml", "report.html"}
    results = json.loads((home / "graded/results.json").read_text())
    jsonschema.validate(results, json.loads((home / "graded/results.schema.json").read_text()))
    assert [(each["submission"], each["awarded"]) for each in results["results"]] == [("ada", 3.0), ("ben", 1.0)]
    rows = list(csv.DictReader(StringIO((home / "graded/results.csv").read_text(), newline="")))
    assert [(row["submission"], row["outcome"]) for row in rows] == [
        ("ada", "passed"),
        ("ben", "failed"),
        ("cho", "ungraded"),
    ]
    assert (home / "graded/report.html").read_text().startswith("<!doctype html>")


@pytest.mark.usefixtures("only_data")
def test_the_table_says_who_what_and_what_could_not_be_graded(prodev: Prodev, cohort: Path) -> None:
    said = prodev("grade", "spring")

    assert said.code == 3
    lines = [" ".join(line.split()) for line in said.out.splitlines()]
    assert "✓ ada 3/3 1/1" in lines
    assert "✗ ben 1/3 0/1" in lines
    assert "? cho ? could not be graded" in lines
    assert "1 × The day of check-out is a day of the stay, so it counts." in said.words
    assert "cho: The zip cannot be read: File is not a zip file." in said.words
    assert "results.json" in said.words


@pytest.mark.usefixtures("only_data")
def test_it_leaves_with_0_when_everything_was_graded_whatever_the_points(prodev: Prodev, cohort: Path) -> None:
    (cohort / "cho.zip").unlink()

    assert prodev("grade", "spring").code == 0


@pytest.mark.usefixtures("only_data")
def test_a_second_run_says_that_all_is_known(prodev: Prodev, cohort: Path) -> None:
    first, again = prodev("grade", "spring"), prodev("grade", "spring")

    assert "Grading 5 answers" in first.err
    assert "Grading 0 of 5 answers; the rest is known" in again.err
    assert again.out == first.out


@pytest.mark.usefixtures("only_data")
def test_one_submission_gets_the_format_of_gradescope_as_well(prodev: Prodev, cohort: Path, home: Path) -> None:
    assert prodev("grade", "spring/ben").code == 0
    scores = json.loads((home / "graded/gradescope.json").read_text())
    prodev("grade", "spring")

    assert scores["score"] == 1.0
    assert [(test["max_score"], test.get("score")) for test in scores["tests"]] == [(2, 0), (1, 1)]
    assert not (home / "graded/gradescope.json").exists(), "it belongs to another run"


@pytest.mark.usefixtures("only_data")
def test_exercises_are_named_as_everywhere_else(prodev: Prodev, cohort: Path, home: Path) -> None:
    one = prodev("grade", "spring/ada", "-e", "count")
    both = prodev("grade", "spring/ada", "-e", "count-nights", "--exercise", "price")
    typo = prodev("grade", "spring/ada", "-e", "cuont-nights")

    assert "Grading 4 answers" in one.err
    assert "price-tag" in both.out
    assert "1 not handed in" in both.out
    assert (typo.code, "Did you mean 'count-nights'?" in typo.err) == (2, True)


@pytest.mark.usefixtures("only_data")
def test_a_submission_without_exercises_is_told_apart_from_an_empty_cohort(prodev: Prodev, home: Path) -> None:
    (home / "ada").mkdir()
    (home / "ada/prodev.toml").write_text("")

    said = prodev("grade", "ada")

    assert said.code == 0
    assert "None of them holds an exercise of this course." in said.out


def test_what_was_never_committed_is_pointed_out(prodev: Prodev, course: Course, home: Path) -> None:
    workspace = hand_in(home / "ada", "")
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "begin"]):
        who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        subprocess.run(["git", *who, *command], cwd=workspace, check=True)
    (workspace / ANSWER).write_text(right_answer(course))

    said = prodev("grade", "ada")

    assert "count-nights was changed after the commit that was graded" in " ".join(said.out.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "What should be graded? → prodev grade FOLDER"),
        (("nowhere",), "There is nothing at nowhere."),
        (("spring", "--out", "spring"), "is not empty, and is no results folder. → Name another: --out FOLDER"),
        (("spring", "--compare", "spring"), "There are no results in spring."),
        (("spring", "--isolation", "none"), "'none' is not one of 'auto', 'required'"),
        (("spring", "--jobs", "0"), "0 is not in the range x>=1"),
        (("--explain", "ada"), "There are no results in graded."),
    ],
)
def test_what_cannot_be_carried_out_is_told(
    prodev: Prodev, cohort: Path, arguments: tuple[str, ...], said: str
) -> None:
    answer = prodev("grade", *arguments)

    assert answer.code == 2
    assert said in answer.words.replace("│", "").replace("  ", " ")
    assert "Traceback" not in answer.err


def test_a_folder_at_work_is_left_to_who_works_there(prodev: Prodev, cohort: Path, home: Path) -> None:
    with Store(home / "graded").locked():
        said = prodev("grade", "spring")

    assert said.code == 2
    assert "Another 'prodev grade' is at work in graded. → Wait until it has ended" in said.words


@pytest.mark.usefixtures("only_data")
def test_walls_are_tried_before_anything_is_graded(
    prodev: Prodev, cohort: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolation, "try_walls", lambda: ("L2: Landlock 4", {"UDP": False}))

    said = prodev("grade", "spring", "--isolation", "required")

    assert said.code == 2
    assert "this machine offers L2: Landlock 4, and L3 is required. These did not hold: UDP." in said.words
    assert "Grading" not in said.err


@pytest.mark.usefixtures("only_data")
def test_a_comparison_says_who_gained_what_and_why(prodev: Prodev, cohort: Path, course: Course, home: Path) -> None:
    prodev("grade", "spring")
    (cohort / "ben" / ANSWER).write_text(right_answer(course) + "\n# mended\n")

    said = prodev("grade", "spring", "--compare", "graded")

    assert "ben, count-nights: 1 → 3 The files are others." in said.words
    assert said.words.count("failed → passed") == 3
    (change,) = json.loads((home / "graded/changes.json").read_text())
    assert (change["submission"], change["before"], change["after"]) == ("ben", 1.0, 3.0)
    assert "nothing changed" in prodev("grade", "spring", "--compare", "graded/results.json").words


@pytest.mark.usefixtures("only_data")
def test_an_explanation_holds_all_that_a_dispute_needs(prodev: Prodev, cohort: Path) -> None:
    prodev("grade", "spring")

    said = prodev("grade", "--explain", "ben")

    assert said.code == 0
    results = json.loads(Path("graded/results.json").read_text())["results"]
    seed = results[1]["report"]["seed"]
    for words in (
        "from spring/ben",
        "1 of 3 points earned, 1 count",
        f"drawn with seed {seed}; graded in",
        "nights.py, ",
        "SHA-256",
        "The day of check-out is a day of the stay, so it counts.",
        "✗ Counts nights, not days 0/2",
        "✓ Refuses a stay without a night 1/1",
        "I asked for the nights from 2024-05-01 to 2024-05-02.",
        "You answered 2; the guest sleeps 1.",
        "test_nights.py::test_refuses_a_stay_without_a_night[check_in1-check_out1]",
        "prodev grade spring/ben --exercise count-nights --out again",
        f"prodev run count-nights --seed {seed}",
    ):
        assert words in said.words, words


@pytest.mark.usefixtures("only_data")
def test_the_command_of_an_explanation_gives_the_same_result(prodev: Prodev, cohort: Path) -> None:
    prodev("grade", "spring")

    prodev("grade", "spring/ben", "--exercise", "count-nights", "--out", "again")

    first, again = (json.loads(Path(out, "results.json").read_text())["results"] for out in ("graded", "again"))
    assert again[0] == first[1]


@pytest.mark.usefixtures("only_data")
def test_an_explanation_of_what_could_not_be_graded_says_why(prodev: Prodev, cohort: Path) -> None:
    prodev("grade", "spring")

    assert "The zip cannot be read: File is not a zip file." in prodev("grade", "--explain", "cho").words


@pytest.mark.usefixtures("only_data")
def test_an_explanation_finds_a_name_by_its_beginning_and_helps_with_a_typo(prodev: Prodev, cohort: Path) -> None:
    prodev("grade", "spring")

    assert prodev("grade", "--explain", "be").words.startswith("ben")
    typo = prodev("grade", "--explain", "bne")
    assert (typo.code, "Did you mean 'ben'?" in typo.err) == (2, True)


@pytest.mark.usefixtures("only_data")
def test_nothing_that_a_stranger_wrote_moves_the_terminal(prodev: Prodev, home: Path) -> None:
    answer = f"def nights(a, b):\n    print({BITE!r})\n    raise ValueError({BITE!r})\n"
    hand_in(home / "spring" / f"eve{BITE}", answer)
    with zipfile.ZipFile(home / "spring" / "fay.zip", "w") as archive:
        archive.writestr(f"../{BITE}", "")

    shown = [prodev("grade", "spring"), prodev("grade", "--explain", "eve"), prodev("grade", "--explain", "fay")]
    shown.append(prodev("grade", "spring", "--compare", "graded", "-e", "price"))

    for said in shown:
        assert not set("\x1b\x07\r") & set(said.out + said.err)
    assert "a path that leads out of its folder" in shown[0].words


def test_a_run_that_is_stopped_says_so_ends_its_processes_and_goes_on(cohort: Path, course: Course, home: Path) -> None:
    for number in range(40):
        hand_in(cohort / f"learner-{number}", f"{right_answer(course)}\n# {number}\n")
    (cohort / "cho.zip").unlink()
    kept = home / "graded/.kept/graded/count-nights"

    with Started("grade", "spring") as run:
        wait_until(lambda: len(list(kept.glob("*.json"))) > 3)
        below = children_of(run.pid)
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=60)
    with Started("grade", "spring") as again:
        _, rest = again.communicate(timeout=120)

    assert run.returncode == 130
    assert "the same command goes on from here" in said
    wait_until(lambda: not any(map(is_alive, below)))
    assert "of 45 answers; the rest is known" in rest
    assert again.returncode == 0


class Started:
    """A run of ``prodev`` in a process of its own, ended when the block is."""

    def __init__(self, *arguments: str) -> None:
        self._run = subprocess.Popen(
            [PRODEV, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
        )

    def __enter__(self) -> subprocess.Popen[str]:
        return self._run

    def __exit__(self, *_: object) -> None:
        self._run.kill()
        self._run.communicate()


def wait_until(holds: object) -> None:
    deadline = time.monotonic() + 60
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.02)
