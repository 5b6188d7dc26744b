"""What is shown teaches, fits narrow terminals, and cannot be painted over by what a candidate prints."""

from __future__ import annotations

import dataclasses
import io
import re
from pathlib import Path

import msgspec
import pytest
from rich.console import Console, RenderableType

from prodev.course import Course
from prodev.grading import Report, TaskResult
from prodev.grading import TestResult as Verdict  # another name, or pytest takes it for a test
from prodev.show.boards import bar, course_list, dashboard
from prodev.show.brief import brief_page, hint_block, page, solution_page
from prodev.show.console import THEME, make_console, show_problem
from prodev.show.report import Shown, message_block, report_block
from prodev.show.screen import Screen, draw, save_line
from prodev.show.text import clean, counted, tail
from prodev.testbed import explain
from prodev.workspace import Attempt, Progress
from prodev.workspace.help import Hints
from prodev.workspace.route import next_step

COURSE = Course(Path(__file__).resolve().parents[1] / "toy_course")
MESSAGE = explain(
    did="I asked for the nights from 1 May to 2 May.",
    saw="You answered 2; the guest sleeps 1.",
    why="A stay is half-open: the day of check-out belongs to the next guest.",
    look="See lesson 'Half-open stays', section 'Explain'.",
)


def task(id_: str, outcome: str, *, message: str = "", output: str = "", points: int = 2) -> TaskResult:
    test = Verdict(
        id=f"t::{id_}",
        title=f"The {id_} holds.",
        task=id_,
        outcome=outcome,  # type: ignore[arg-type]
        message=message,
        output=output,
    )
    earned = points if outcome == "passed" else 0
    return TaskResult(id=id_, title=f"Task {id_}", outcome=outcome, points=points, earned=earned, tests=(test,))  # type: ignore[arg-type]


def report(*tasks: TaskResult, **fields: object) -> Report:
    outcomes = {one.outcome for one in tasks}
    given = {
        "exercise": "count-nights",
        "edition": "1",
        "digest": "",
        "outcome": next(outcome for outcome in ("failed", "ungraded", "passed") if outcome in outcomes),
        "points": sum(one.points for one in tasks),
        "earned": sum(one.earned for one in tasks),
        "tasks": tasks,
        "seed": 42,
        "seconds": 0.25,
        "isolation": "L1",
    }
    return Report(**(given | fields))  # type: ignore[arg-type]


def shown(renderable: RenderableType, width: int = 80) -> str:
    console = make_console()
    console.file, console.width = io.StringIO(), width
    console.print(renderable)
    return console.file.getvalue()


def plainly(text: str) -> str:
    return " ".join(text.split())


FAILED = report(
    task("first", "passed"), task("second", "failed", message=MESSAGE), task("third", "failed", message="No.")
)
SHOWN = Shown(title="Count the nights", files=(Path("nights.py"),), hints_left=2)


def test_the_four_parts_of_a_message_are_told_apart() -> None:
    lines = [line.strip() for line in shown(message_block(MESSAGE)).splitlines()]

    assert [line.split("  ")[0] for line in lines] == ["I did", "I saw", "Why", "Look"]


def test_a_message_of_another_shape_stands_as_it_is() -> None:
    assert shown(message_block("It does not import.")).strip() == "It does not import."


def test_a_report_says_what_to_do_now() -> None:
    text = shown(report_block(FAILED, SHOWN))

    assert "2 of 6 points" in text
    assert "The second holds." in text
    assert "You answered 2; the guest sleeps 1." in text
    assert "prodev run count-nights --seed 42" in text
    assert "prodev hint count-nights" in text
    assert "(2 hints left for this task)" in text
    assert "Task third. No." in text


def test_tasks_that_fail_alike_are_one_line() -> None:
    same = report(*(task(name, "failed", message="nights.py does not import.") for name in ("a", "b", "c")))

    text = shown(report_block(same, SHOWN))

    assert text.count("does not import") == 1
    assert "2 more tasks fail for the same reason." in text


def test_an_untouched_starter_is_no_broken_install() -> None:
    untouched = dataclasses.replace(SHOWN, untouched=True)

    assert "You have not changed nights.py yet" in shown(report_block(FAILED, untouched))


def test_engines_are_named() -> None:
    served = report(task("a", "passed"), engines={"postgres": "PostgreSQL 18.6, embedded"})

    assert "PostgreSQL 18.6, embedded" in shown(report_block(served, SHOWN))


def test_what_could_not_be_graded_is_nobodys_failure() -> None:
    ungraded = report(
        task("a", "ungraded", message="No Postgres serves."),
        problem="No Postgres serves.",
        remedy="docker compose up -d",
    )

    text = shown(report_block(ungraded, SHOWN))

    assert "? Task a" in text
    assert "✗" not in text
    assert "→ docker compose up -d" in text


def test_notes_and_files_left_out_are_told() -> None:
    noted = report(task("a", "passed"), notes=("extra.py was left out.",))
    left_out = dataclasses.replace(SHOWN, left_out=("settings.py",))

    text = plainly(shown(report_block(noted, left_out)))

    assert "Note extra.py was left out." in text
    assert "You changed settings.py, which this exercise does not grade" in text


def test_a_pass_is_celebrated_quietly() -> None:
    assert "✓ Passed: all 2 points." in shown(report_block(report(task("a", "passed")), SHOWN))


def test_an_exercise_without_points_speaks_of_none() -> None:
    text = shown(report_block(report(task("a", "passed", points=0)), SHOWN))

    assert "✓ Passed." in text
    assert "point" not in text


def test_what_was_printed_is_shown_from_its_end() -> None:
    chatty = report(task("a", "failed", message="No.", output="\n".join(f"line {n}" for n in range(50))))

    text = shown(report_block(chatty, SHOWN))

    assert "│ line 49" in text
    assert "(39 lines before these)" in text
    assert "line 38\n" not in text


def test_what_a_candidate_prints_cannot_paint_the_screen() -> None:
    paint = "\x1b[2J\x1b[32mPassed: all points.\x1b[0m\r\x9b1m\u202edrawkcab[bold red]no markup[/]"
    painted = report(task("a", "failed", message=f"You returned {paint}.", output=paint))

    text = shown(report_block(painted, SHOWN))

    assert "\x1b" not in text
    assert "\x9b" not in text
    assert "\u202e" not in text
    assert "[bold red]no markup[/]" in plainly(text)


@pytest.mark.parametrize("width", [60, 80, 100])
def test_nothing_is_wider_than_the_terminal(width: int) -> None:
    progress = Progress(exercises={"count-nights": Attempt(runs=1, earned=2)})
    step = next_step(COURSE, progress)
    pages = [
        report_block(FAILED, SHOWN),
        dashboard(COURSE, progress, step),
        course_list(COURSE.modules, progress),
        brief_page(COURSE.exercise("count-nights")),
        solution_page(COURSE.exercise("count-nights")),
    ]

    for one in pages:
        assert max(len(line) for line in shown(one, width).splitlines()) <= width


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    console = make_console()
    console.file = io.StringIO()

    console.print(report_block(FAILED, SHOWN))

    assert not re.search(r"\x1b\[[\d;]*3\dm", console.file.getvalue())


def test_colour_is_used_where_there_is_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    console = Console(force_terminal=True, color_system="standard", file=io.StringIO(), theme=THEME)

    console.print(report_block(FAILED, SHOWN))

    assert "\x1b[1;31m✗" in console.file.getvalue()  # type: ignore[attr-defined]


def test_the_dashboard_says_what_is_next_and_why() -> None:
    text = shown(dashboard(COURSE, Progress(), next_step(COURSE, Progress())))

    assert "00  Stays" in text
    assert "0/2 exercises" in text
    assert "Next Half-open stays" in text
    assert "rests on it" in text
    assert "prodev lesson half-open-stays" in text


def test_on_a_narrow_terminal_only_titles_give_way() -> None:
    assert "0/2 exercises  0/7 points" in shown(dashboard(COURSE, Progress(), None), 48)


def test_the_list_says_where_the_learner_stands() -> None:
    progress = Progress(exercises={"count-nights": Attempt(runs=1, earned=2)})

    lines = shown(course_list(COURSE.modules, progress)).splitlines()

    assert next(line for line in lines if "count-nights" in line).startswith("● count-nights")
    assert "after count-nights" in next(line for line in lines if "price-tag" in line)


@pytest.mark.parametrize(("earned", "filled"), [(0, 0), (1, 1), (50, 6), (99, 11), (100, 12)])
def test_a_bar_is_full_only_when_all_is_done(earned: int, filled: int) -> None:
    assert bar(earned, 100).plain.count("━") == filled


def test_a_brief_names_commands_in_the_place_of_links() -> None:
    text = plainly(shown(page("[Half-open](../../../modules/00-stays/half-open-stays.ipynb), [tag](../price-tag/)")))

    assert text == "Half-open (prodev lesson half-open-stays), tag (prodev start price-tag)"


def test_a_solution_shows_the_code_and_the_reasons() -> None:
    text = shown(solution_page(COURSE.exercise("count-nights")))

    assert "def nights(check_in: date, check_out: date) -> int:" in text
    assert "Why it is written so" in text


def test_hints_are_numbered_and_counted() -> None:
    task_ = COURSE.exercise("count-nights").task("half-open")

    text = shown(hint_block(Hints(task_, task_.hints[:2], 1, is_new=True)))

    assert "1  A stay is half-open" in text
    assert "1 hint left for this task." in text


def test_a_problem_goes_to_standard_error_with_its_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    from prodev.errors import ProDevError

    show_problem(ProDevError("There is no workspace.", remedy="prodev init"))

    assert capsys.readouterr() == ("", "There is no workspace.\n→ prodev init\n")


def screen(**fields: object) -> Screen:
    return Screen(COURSE.exercise("count-nights"), [Path("nights.py")], **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("height", [12, 24, 40])
def test_the_screen_fits_and_keeps_its_keys(monkeypatch: pytest.MonkeyPatch, height: int) -> None:
    monkeypatch.setenv("LINES", str(height))
    monkeypatch.setenv("COLUMNS", "80")
    chatty = report(task("a", "failed", message=MESSAGE, output="\n".join(map(str, range(90)))))

    text = draw(make_console(), screen(report=chatty, shown=dataclasses.replace(SHOWN, watched=True), hints_left=2))

    assert text.count("\n") <= height
    assert "waiting for a save" in text
    assert "n next  h hint (2)  s solution  b brief  l lesson  q quit" in text
    assert "edit   nights.py" in text
    assert "Count the nights" in text


def test_the_screen_before_the_first_report_names_the_file() -> None:
    text = draw(make_console(), screen(running=True))

    assert "nights.py" in text
    assert "running…" in text


def test_a_log_line_says_what_to_look_at() -> None:
    assert save_line(FAILED, "12:00:00") == "12:00:00  count-nights  2 of 6 points  Task second"


@pytest.mark.parametrize(
    ("text", "safe"), [("a\x1b[1mb", "a·[1mb"), ("a\r\nb", "a\nb"), ("a\tb", "a   b"), ("é✓", "é✓")]
)
def test_control_characters_are_made_visible(text: str, safe: str) -> None:
    assert clean(text) == safe


def test_small_words() -> None:
    assert [counted(n, "hint") for n in (0, 1, 2)] == ["no hints", "1 hint", "2 hints"]
    assert tail("a\nb\nc", 2) == ["(2 lines before these)", "c"]
    assert msgspec.json.decode(msgspec.json.encode(FAILED), type=Report) == FAILED
