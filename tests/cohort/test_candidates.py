"""What is taken for one exercise, from whatever tree it lies in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from handing_in import NIGHTS, RIGHT, TAG, TOY, answer_in, in_folder, in_zip, taken

from prodev.cohort.candidates import Candidate, gather, unpacked
from prodev.cohort.trees import FolderTree
from prodev.course import Course, Exercise

NIGHTS_FOLDER = "00-stays/count-nights"


@pytest.fixture
def exercise() -> Exercise:
    return Course(TOY).exercise("count-nights")


@pytest.mark.parametrize("other", ["Nights.py", "NIGHTS.PY"])
def test_names_that_collide_by_case_cost_their_exercise(tmp_path: Path, other: str) -> None:
    one = taken(in_zip(tmp_path / "ada.zip", {NIGHTS: RIGHT, f"{NIGHTS_FOLDER}/{other}": "another", TAG: "{}"}))

    assert "some systems take for one file" in one.candidates["count-nights"].problem
    assert one.candidates["price-tag"].files == {"tag.json": b"{}"}


def test_names_that_collide_elsewhere_cost_nothing(tmp_path: Path) -> None:
    files = {NIGHTS: RIGHT, "notes/a": "", "notes/A": "", "aux.py": "", "what: a day.txt": "", "trailing.": ""}

    assert answer_in(taken(in_zip(tmp_path / "ada.zip", files))) == RIGHT.encode()


@pytest.mark.parametrize("name", ["aux.py", "CON.py", "com1.py", "a:b.py", "dot..py ", "bell\a.py", "\u202ecod.py"])
def test_a_name_that_not_every_system_can_hold_costs_its_exercise(
    tmp_path: Path, exercise: Exercise, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Exercise, "edit", ("*",))
    in_folder(tmp_path, {NIGHTS: RIGHT, f"{NIGHTS_FOLDER}/{name}": "x"})

    candidate = gather(FolderTree(tmp_path), NIGHTS_FOLDER, exercise)

    assert candidate is not None
    assert "a name that not every system can hold" in candidate.problem
    assert candidate.problem.isprintable()


def test_bytes_that_are_no_name_are_no_trouble(tmp_path: Path) -> None:
    in_folder(tmp_path)
    (Path(os.fsdecode(os.fsencode(tmp_path / NIGHTS_FOLDER) + b"/\xff\xfe.py"))).write_text("odd")
    in_zip(tmp_path / "latin.zip", {NIGHTS: RIGHT, f"{NIGHTS_FOLDER}/caf\u00e9.py": ""})

    assert answer_in(taken(tmp_path)) == RIGHT.encode()
    assert answer_in(taken(tmp_path / "latin.zip")) == RIGHT.encode()


@pytest.mark.parametrize("place", ["file", "exercise", "module"])
def test_no_link_on_disk_is_followed(tmp_path: Path, place: str) -> None:
    ours = in_folder(tmp_path / "reference")
    theirs = in_folder(tmp_path / "ada", {TAG: "{}"})
    part = {"file": NIGHTS, "exercise": NIGHTS_FOLDER, "module": "00-stays"}[place]
    if place == "module":
        (theirs / TAG).unlink()
        (theirs / TAG).parent.rmdir()
        (theirs / part).rmdir()
    (theirs / part).parent.mkdir(exist_ok=True, parents=True)
    (theirs / part).symlink_to(ours / part)

    candidates = taken(theirs).candidates

    assert all(not candidate.files.get("nights.py") for candidate in candidates.values())
    assert candidates.get("count-nights", Candidate({})).links == (("nights.py",) if place == "file" else ())


def test_a_link_to_a_submission_is_none(tmp_path: Path) -> None:
    in_folder(tmp_path / "elsewhere" / "ada")
    (tmp_path / "cohort").mkdir()
    (tmp_path / "cohort" / "ada").symlink_to(tmp_path / "elsewhere" / "ada")

    assert taken(tmp_path / "cohort").handed.problem == "It is a link. Put the folder or the zip itself there."


def test_a_pipe_does_not_make_the_grader_wait(tmp_path: Path) -> None:
    theirs = in_folder(tmp_path / "ada", {})
    (theirs / NIGHTS_FOLDER).mkdir(parents=True)
    os.mkfifo(theirs / NIGHTS)

    assert taken(theirs).candidates["count-nights"].links == ("nights.py",)


def test_too_much_together_costs_its_exercise(
    tmp_path: Path, exercise: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Exercise, "edit", ("*.py",))
    large = {f"{NIGHTS_FOLDER}/n{number}.py": b"#" * (1 << 20) for number in range(5)}
    many = {f"{NIGHTS_FOLDER}/n{number}.py": "" for number in range(201)}

    found = [
        gather(FolderTree(in_folder(tmp_path / name, files)), NIGHTS_FOLDER, exercise)
        for name, files in (("large", large), ("many", many))
    ]

    assert [candidate and candidate.problem for candidate in found] == [
        "The files to grade are larger than 4 MiB together.",
        "There are more than 200 files to grade.",
    ]


def test_a_file_that_may_not_be_read_costs_its_exercise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(FolderTree, "read", refuse)

    assert "Permission denied" in taken(in_folder(tmp_path / "ada")).candidates["count-nights"].problem


def test_what_lies_beside_an_answer_is_named_and_not_taken(tmp_path: Path) -> None:
    files = {NIGHTS: RIGHT, **{f"{NIGHTS_FOLDER}/{name}": "x" for name in ("helper.py", "conftest.py", "notes.txt")}}

    candidate = taken(in_folder(tmp_path / "ada", files)).candidates["count-nights"]

    assert candidate.files.keys() == {"nights.py"}
    assert candidate.beside == ("conftest.py", "helper.py")


def test_a_candidate_is_the_same_however_it_was_handed_in(tmp_path: Path) -> None:
    paths = in_folder(tmp_path / "ada"), in_zip(tmp_path / "ada.zip", below="ws/")

    folder, zipped = (taken(path).candidates["count-nights"] for path in paths)

    assert folder.digest == zipped.digest
    assert unpacked(folder.packed()) == folder


def test_candidates_differ_where_anything_does() -> None:
    various = [
        Candidate({"a": b"1"}),
        Candidate({"a": b"2"}),
        Candidate({"b": b"1"}),
        Candidate({}, links=("a",)),
        Candidate({}, folders=("a",)),
        Candidate({"a": b"1"}, beside=("c",)),
        Candidate({}, problem="a"),
    ]

    assert len({candidate.digest for candidate in various}) == len(various)
    assert Candidate({"a": b"1", "b": b"2"}).digest == Candidate({"b": b"2", "a": b"1"}).digest


def test_a_candidate_lies_on_disk_as_it_was_handed_in(tmp_path: Path) -> None:
    candidate = Candidate({"a.py": b"1", "in/b.py": b"2"}, links=("c.py",), folders=("d.py",), beside=("e.py",))

    candidate.lay_out(tmp_path / "new")

    new = tmp_path / "new"
    assert ((new / "a.py").read_bytes(), (new / "in/b.py").read_bytes()) == (b"1", b"2")
    assert (new / "c.py").is_symlink()
    assert (new / "d.py").is_dir()
    assert (new / "e.py").is_file()
