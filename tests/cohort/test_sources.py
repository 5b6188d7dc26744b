"""Every learner's submission is found, under a name of its own, whatever it is handed in as."""

from __future__ import annotations

from pathlib import Path

import pytest
from handing_in import MARKED, NIGHTS, RIGHT, TOY, answer_in, git, in_folder, in_git, in_zip, taken, zip_in_memory

from prodev.cohort.grade import asked_of
from prodev.cohort.sources import Called, call_in, take_in
from prodev.course import Course
from prodev.errors import ProDevError

MODULES = frozenset({"00-stays"})


def names(called: Called) -> list[str]:
    return [source.name for source in called.sources]


def test_a_folder_of_submissions_is_opened_one_by_one(tmp_path: Path) -> None:
    in_folder(tmp_path / "ada")
    in_zip(tmp_path / "ben.zip")
    in_git(tmp_path / "cho")
    (tmp_path / "grades.csv").write_text("not a submission")
    (tmp_path / ".hidden").mkdir()

    called = call_in([str(tmp_path)], modules=MODULES)

    assert [(source.name, source.kind) for source in called.sources] == [
        ("ada", "folder"),
        ("ben", "zip"),
        ("cho", "git"),
    ]
    assert {answer_in(take_in(source, Course(TOY).exercises)) for source in called.sources} == {RIGHT.encode()}


def test_a_workspace_by_itself_is_one_submission(tmp_path: Path) -> None:
    called = call_in([str(in_folder(tmp_path / "ada"))], modules=MODULES)

    assert names(called) == ["ada"]


def test_a_workspace_that_lost_its_marker_is_known_by_its_modules(tmp_path: Path) -> None:
    one = taken(in_folder(tmp_path / "ada", marked=False))

    assert one.handed.name == "ada"
    assert answer_in(one) == RIGHT.encode()


@pytest.mark.parametrize("below", ["", "workspace/", "ada-main/", "./"])
def test_a_workspace_is_found_at_the_top_of_a_zip_or_one_below(tmp_path: Path, below: str) -> None:
    assert answer_in(taken(in_zip(tmp_path / "ada.zip", below=below))) == RIGHT.encode()


def test_what_a_mac_adds_to_a_zip_is_no_second_workspace(tmp_path: Path) -> None:
    files = {f"ws/{NIGHTS}": RIGHT, "ws/prodev.toml": "", "__MACOSX/ws/prodev.toml": "", "__MACOSX/._ws": b"\0"}

    assert answer_in(taken(in_zip(tmp_path / "ada.zip", files, marked=False))) == RIGHT.encode()


def test_a_zip_alone_in_a_folder_is_the_submission_of_that_folder(tmp_path: Path) -> None:
    in_zip(tmp_path / "Ada Lane_4711_file" / "upload.zip")

    called = call_in([str(tmp_path)], modules=MODULES)

    assert [(source.name, source.kind) for source in called.sources] == [("Ada Lane_4711_file", "zip")]


@pytest.mark.parametrize("name", ["ada.tar.gz", "ada.rar", "ada.7z"])
def test_another_archive_is_not_passed_over_in_silence(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"whatever")

    (source,) = call_in([str(tmp_path)], modules=MODULES).sources

    assert "only zips are opened" in take_in(source, []).handed.problem


def test_the_results_folder_is_no_submission(tmp_path: Path) -> None:
    in_folder(tmp_path / "ada")
    (tmp_path / "graded").mkdir()

    assert names(call_in([str(tmp_path)], modules=MODULES, apart_from=tmp_path / "graded")) == ["ada"]


def test_names_that_are_the_same_are_told_apart_by_the_owner(tmp_path: Path) -> None:
    paths = [str(in_folder(tmp_path / owner / "workspace")) for owner in ("ada", "ben")]
    addresses = ["https://git.example/cho/workspace.git", "git@git.example:dan/workspace"]

    assert names(call_in([*paths, *addresses], modules=MODULES)) == [
        "ada/workspace",
        "ben/workspace",
        "cho/workspace",
        "dan/workspace",
    ]


def test_names_that_only_case_tells_apart_get_letters(tmp_path: Path) -> None:
    in_zip(tmp_path / "Ada.zip")
    in_zip(tmp_path / "ada.zip")

    found = names(call_in([str(tmp_path)], modules=MODULES))

    assert len({name.casefold() for name in found}) == 2


def test_the_same_path_twice_is_one_submission(tmp_path: Path) -> None:
    path = str(in_folder(tmp_path / "ada"))

    assert names(call_in([path, path], modules=MODULES)) == ["ada"]


def test_a_commit_can_be_named_after_the_path(tmp_path: Path) -> None:
    repository = in_git(tmp_path / "ada")
    first = git(repository, "rev-parse", "HEAD")
    in_git(repository, {NIGHTS: "changed"})

    old, new = taken(f"{repository}#{first[:10]}"), taken(f"{repository}#main")

    assert old.handed.commit == first
    assert (answer_in(old), answer_in(new)) == (RIGHT.encode(), b"changed")


def test_only_a_repository_has_commits(tmp_path: Path) -> None:
    in_folder(tmp_path / "ada")

    with pytest.raises(ProDevError, match="no git repository, so it has no commit abc"):
        call_in([f"{tmp_path / 'ada'}#abc"], modules=MODULES)


@pytest.mark.parametrize(("name", "said"), [("nobody", "There is nothing at"), ("notes.txt", "is no submission")])
def test_a_path_that_is_no_submission_is_refused(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "notes.txt").write_text("")

    with pytest.raises(ProDevError, match=said) as refused:
        call_in([str(tmp_path / name)], modules=MODULES)

    assert "cohort.toml" in refused.value.remedy


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProDevError, match="No submission was found"):
        call_in([str(tmp_path)], modules=MODULES)


def test_a_folder_without_a_workspace_costs_the_others_nothing(tmp_path: Path) -> None:
    in_folder(tmp_path / "ada")
    (tmp_path / "ben").mkdir()
    (tmp_path / "ben" / "nights.py").write_text(RIGHT)

    ada, ben = (take_in(s, Course(TOY).exercises) for s in call_in([str(tmp_path)], modules=MODULES).sources)

    assert "count-nights" in ada.candidates
    assert "No workspace was found in it" in ben.handed.problem


def test_two_workspaces_in_one_submission_are_refused(tmp_path: Path) -> None:
    files = {f"{folder}/prodev.toml": "" for folder in ("old", "new")}

    one = taken(in_zip(tmp_path / "ada.zip", files, marked=False))

    assert one.handed.problem == "It holds more than one workspace: new, old. Hand in one."


def test_a_zip_inside_a_zip_is_not_opened(tmp_path: Path) -> None:
    one = taken(in_zip(tmp_path / "ada.zip", {"inner.zip": zip_in_memory({NIGHTS: RIGHT, **MARKED})}))

    assert one.candidates == {}


def test_an_exercise_that_was_never_started_is_not_handed_in(tmp_path: Path) -> None:
    assert set(taken(in_folder(tmp_path / "ada")).candidates) == {"count-nights"}


def test_an_exercise_without_its_file_is_handed_in_all_the_same(tmp_path: Path) -> None:
    candidate = taken(in_folder(tmp_path / "ada", {"00-stays/count-nights/README.md": "hello"})).candidates

    assert candidate["count-nights"].files == {}


def test_exercises_are_named_by_the_mentor_or_the_roster_and_kept_in_order() -> None:
    course = Course(TOY)
    called = Called("", (), exercises=("price-tag",))

    assert [each.slug for each in asked_of(course, called)] == ["price-tag"]
    assert [each.slug for each in asked_of(course, called, ["price", "count"])] == ["count-nights", "price-tag"]
    with pytest.raises(ProDevError, match="Did you mean 'count-nights'"):
        asked_of(course, called, ["cuont-nights"])
