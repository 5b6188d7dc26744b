"""What lateness costs, in exact arithmetic, and what a roster may say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from handing_in import NIGHTS, RIGHT, graded, in_folder, in_git

from prodev.cohort.late import Late, award, days_late
from prodev.cohort.roster import read_roster
from prodev.cohort.sources import call_in
from prodev.errors import ProDevError

DUE = datetime(2026, 5, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("after", "days"),
    [
        (-DAY, 0),
        (timedelta(0), 0),
        (MICROSECOND, 1),
        (DAY - SECOND, 1),
        (DAY, 1),
        (DAY + MICROSECOND, 2),
        (10 * DAY, 10),
    ],
)
def test_every_day_that_has_begun_counts(after: timedelta, days: int) -> None:
    assert days_late(DUE + after, DUE, Late()) == days


@pytest.mark.parametrize(
    ("after", "days"),
    [(timedelta(minutes=30), 0), (timedelta(minutes=30) + MICROSECOND, 1), (DAY + SECOND, 2)],
)
def test_grace_puts_off_the_first_day_and_no_other(after: timedelta, days: int) -> None:
    assert days_late(DUE + after, DUE, Late(grace_minutes=30)) == days


def test_a_grace_of_more_than_a_day_ends_in_the_day_it_ends_in() -> None:
    policy = Late(grace_minutes=36 * 60)

    assert days_late(DUE + timedelta(hours=36), DUE, policy) == 0
    assert days_late(DUE + timedelta(hours=37), DUE, policy) == 2


def test_a_deadline_holds_in_every_time_zone() -> None:
    there = (DUE + SECOND).astimezone(timezone(timedelta(hours=-9, minutes=-30)))

    assert days_late(there, DUE, Late()) == 1


@pytest.mark.parametrize(
    ("earned", "days", "policy", "awarded"),
    [
        (10, 0, Late(per_day=Decimal(10)), 10.0),
        (10, 3, Late(per_day=Decimal(10)), 7.0),
        (7, 1, Late(per_day=Decimal("33.3")), 4.67),
        (1, 1, Late(per_day=Decimal("99.5")), 0.01),
        (3, 1, Late(per_day=Decimal("12.5")), 2.63),
        (10, 11, Late(per_day=Decimal(10)), 0.0),
        (10, 2, Late(per_day=Decimal(100)), 0.0),
        (10, 5, Late(per_day=Decimal(0)), 10.0),
        (10, 4, Late(per_day=Decimal(1), days=3), 0.0),
        (10, 3, Late(per_day=Decimal(1), days=3), 9.7),
        (10, 1, Late(days=0), 0.0),
        (0, 2, Late(per_day=Decimal(10)), 0.0),
        (10, 400, None, 10.0),
    ],
)
def test_points_after_the_policy(earned: int, days: int, policy: Late | None, awarded: float) -> None:
    assert award(earned, days, policy)[0] == awarded


@pytest.mark.parametrize(
    ("days", "policy", "said"),
    [
        (0, Late(), ""),
        (1, Late(per_day=Decimal(10)), "1 day late: 90 % of 10 points"),
        (2, Late(per_day=Decimal("12.5")), "2 days late: 75 % of 10 points"),
        (9, Late(days=7), "9 days late, and nothing counts after 7"),
        (1, Late(days=0), "1 day late, and nothing counts after the deadline"),
        (1, None, "1 day late; the cohort has no late policy, nothing is taken"),
    ],
)
def test_the_policy_is_told_in_words(days: int, policy: Late | None, said: str) -> None:
    assert award(10, days, policy)[1] == said


ROSTER = """
title = "Spring"
deadline = 2026-05-01T12:00:00Z
exercises = ["count-nights"]

[late]
grace_minutes = 15
per_day = 12.5
days = 7

[[submission]]
name = "Ada Lane"
repository = "ada"
commit = "main"

[[submission]]
name = "Ben"
path = "ben"
deadline = 2026-05-08T12:00:00+02:00
at = 2026-05-08T10:00:01Z
"""


def roster(folder: Path, text: str) -> Path:
    path = folder / "cohort.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_roster_says_who_and_by_when(tmp_path: Path) -> None:
    called = call_in([str(roster(tmp_path, ROSTER))])

    assert (called.title, called.exercises) == ("Spring", ("count-nights",))
    assert called.late == Late(grace_minutes=15, per_day=Decimal("12.5"), days=7)
    ada, ben = called.sources
    assert (ada.name, ada.kind, ada.commit, ada.deadline) == ("Ada Lane", "git", "main", DUE)
    assert (ben.name, ben.origin) == ("Ben", str(tmp_path / "ben"))
    assert ben.deadline == datetime(2026, 5, 8, 10, tzinfo=UTC)


def test_a_folder_with_a_roster_is_that_cohort(tmp_path: Path) -> None:
    roster(tmp_path, ROSTER)

    assert [source.name for source in call_in([str(tmp_path)]).sources] == ["Ada Lane", "Ben"]


def test_two_rosters_are_one_too_many(tmp_path: Path) -> None:
    path = str(roster(tmp_path, ROSTER))

    with pytest.raises(ProDevError, match="and each says when work was due"):
        call_in([path, path])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("Ben", "ada lane"), "two submissions are called"),
        (("Ben", ""), "is no name"),
        (("Ben", "B\\u001ben"), "is no name"),
        (('path = "ben"', ""), "'Ben' has neither of path and repository"),
        (('path = "ben"', 'path = "ben"\nrepository = "ben"'), "'Ben' has both of path and repository"),
        (('path = "ben"', 'path = "ben"\ncommit = "main"'), "has a commit and no repository"),
        (("2026-05-01T12:00:00Z", "2026-05-01T12:00:00"), "has no offset, so it is not known when that is"),
        (("2026-05-01T12:00:00Z", "2026-05-01"), "Expected `datetime"),
        (("2026-05-01T12:00:00Z", '"tomorrow"'), "Invalid RFC3339"),
        (("12.5", "101"), "per_day is a percentage from 0 to 100"),
        (("12.5", "-1"), "per_day is a percentage from 0 to 100"),
        (("12.5", "nan"), "per_day is a percentage from 0 to 100"),
        (("days = 7", "days = -1"), "not negative"),
        (("days = 7", "dayz = 7"), "unknown field `dayz`"),
        (("[late]", "[late"), "Expected ']'"),
    ],
)
def test_a_roster_that_contradicts_itself_is_refused(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    assert change[0] in ROSTER

    with pytest.raises(ProDevError) as refused:
        read_roster(roster(tmp_path, ROSTER.replace(*change)))

    assert said in str(refused.value)
    assert refused.value.remedy


def test_a_roster_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cohort.toml").write_bytes(b"\xff\xfe")

    with pytest.raises(ProDevError, match="can't decode byte"):
        read_roster(tmp_path / "cohort.toml")


def test_lateness_stands_in_the_report_with_its_reason(tmp_path: Path) -> None:
    in_git(tmp_path / "ada", {NIGHTS: RIGHT}, at="2026-05-02T13:00:00Z")
    in_folder(tmp_path / "ben")
    roster(tmp_path, ROSTER + '\n[[submission]]\nname = "Cho"\npath = "cho.zip"\n')

    report = graded(tmp_path, tmp_path / "out")

    ada, ben, cho = report.submissions
    assert [(each.awarded, each.late) for each in report.results] == [
        (2.25, "2 days late: 75 % of 3 points"),
        (3.0, ""),
    ]
    assert ada.notes == ("Handed in 2026-05-02T13:00:00Z (by the clock of whoever made the commit).",)
    assert ben.notes == ("Handed in 2026-05-08T10:00:01Z (by the roster).",)
    assert "There is nothing at" in cho.problem


def test_a_folder_without_a_time_counts_as_in_time_and_says_so(tmp_path: Path) -> None:
    in_folder(tmp_path / "ben")
    text = ROSTER.replace("at = 2026-05-08T10:00:01Z", "")

    report = graded(roster(tmp_path, text), tmp_path / "out")

    assert report.results[0].late == ""
    assert "A folder does not say when it was handed in" in report.submissions[1].notes[0]
