"""Folders and zips from strangers: what they try, and what is said of it."""

from __future__ import annotations

import os
import stat
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from handing_in import MARKED, NIGHTS, RIGHT, TAG, TOY, answer_in, in_folder, in_zip, spoilt, taken

from prodev.cohort import uploads
from prodev.cohort.candidates import Candidate, gather, unpacked
from prodev.cohort.trees import Broken, FolderTree
from prodev.cohort.uploads import ZipTree
from prodev.course import Course, Exercise
from prodev.grading.intake import FILE_BYTES

NIGHTS_FOLDER = "00-stays/count-nights"


@pytest.fixture
def exercise() -> Exercise:
    return Course(TOY).exercise("count-nights")


@pytest.mark.parametrize(
    "name", ["../outside.py", f"{NIGHTS_FOLDER}/../../../outside.py", "/etc/outside.py", "C:/outside.py", "c:outside"]
)
def test_a_zip_that_leads_out_of_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    one = taken(in_zip(tmp_path / "ws" / "ada.zip", {NIGHTS: RIGHT, name: "gotcha"}))

    assert "a path that leads out of its folder" in one.handed.problem
    assert one.candidates == {}
    assert [path.name for path in tmp_path.rglob("*")] == ["ws", "ada.zip"]


def test_a_zip_with_backslashes_is_refused_and_says_so(tmp_path: Path) -> None:
    one = taken(in_zip(tmp_path / "ada.zip", {NIGHTS.replace("/", "\\"): RIGHT}))

    assert "a path with backslashes" in one.handed.problem


def test_a_bomb_is_refused_by_what_it_says(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "ada.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(5):
            archive.writestr(f"{number}.bin", bytes(60 << 20))

    one = taken(tmp_path / "ada.zip")

    assert one.handed.problem == "The zip would unpack to 300 MiB; 256 are allowed."


def test_a_bomb_that_lies_about_its_size_takes_no_more_than_it_says(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "ada.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("prodev.toml", "")
        archive.writestr(NIGHTS, bytes(50 << 20))
    size = (50 << 20).to_bytes(4, "little")
    spoilt(tmp_path / "ada.zip", before=size, after=(100).to_bytes(4, "little"))

    tracemalloc.start()
    one = taken(tmp_path / "ada.zip")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert "cannot be read from the zip" in one.candidates["count-nights"].problem
    assert peak < 20 << 20


def test_a_large_file_is_read_one_byte_beyond_what_is_accepted(tmp_path: Path) -> None:
    one = taken(in_zip(tmp_path / "ada.zip", {NIGHTS: bytes(60 << 20)}))

    assert len(answer_in(one)) == FILE_BYTES + 1


def test_too_many_entries_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_ENTRIES", 10)

    one = taken(in_zip(tmp_path / "ada.zip", {f"{number}": "" for number in range(20)}))

    assert one.handed.problem == "The zip holds 21 entries; 10 are allowed."


def test_a_list_of_entries_that_fills_the_memory_is_not_even_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "_MOST_LISTED", 500)

    one = taken(in_zip(tmp_path / "ada.zip", {f"{number}": "" for number in range(20)}))

    assert "The zip holds more than" in one.handed.problem


def test_a_zip_that_is_too_large_is_not_opened(tmp_path: Path) -> None:
    with (tmp_path / "ada.zip").open("wb") as stream:
        stream.truncate(300 << 20)

    assert taken(tmp_path / "ada.zip").handed.problem == "The zip is larger than 256 MiB."


def test_folders_without_end_are_refused(tmp_path: Path) -> None:
    one = taken(in_zip(tmp_path / "ada.zip", {"a/" * 40 + "deep.py": ""}))

    assert one.handed.problem == "It holds folders more than 30 deep."


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x05\x06" + b"\xff" * 18, b"PK\x03\x04" + b"\0" * 100])
def test_what_is_no_zip_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ada.zip").write_bytes(content)

    assert taken(tmp_path / "ada.zip").handed.problem.startswith(("The zip cannot be read", "The zip holds"))


def test_no_cut_through_a_zip_raises(tmp_path: Path) -> None:
    whole = in_zip(tmp_path / "whole.zip").read_bytes()
    for end in range(0, len(whole), 7):
        for name, content in (("front.zip", whole[:end]), ("back.zip", whole[end:])):
            (tmp_path / name).write_bytes(content)

            one = taken(tmp_path / name)

            assert one.handed.problem or one.candidates or end == 0 or name == "back.zip"


def test_a_name_twice_in_a_zip_is_refused(tmp_path: Path) -> None:
    in_zip(tmp_path / "ada.zip")
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(tmp_path / "ada.zip", "a") as archive:
        archive.writestr(NIGHTS, "the other one")

    assert taken(tmp_path / "ada.zip").handed.problem == f"The zip holds {NIGHTS!r} twice."


def test_the_same_name_written_in_two_ways_is_refused(tmp_path: Path) -> None:
    one = taken(in_zip(tmp_path / "ada.zip", {NIGHTS: RIGHT, f"./{NIGHTS}": "the other one"}))

    assert one.handed.problem == f"The zip holds {NIGHTS!r} twice."


def test_a_file_that_is_also_a_folder_is_refused(tmp_path: Path) -> None:
    one = taken(in_zip(tmp_path / "ada.zip", {NIGHTS: RIGHT, f"{NIGHTS}/inner.py": ""}))

    assert "both a file and a folder" in one.handed.problem


def test_an_encrypted_file_costs_its_exercise(tmp_path: Path) -> None:
    path = in_zip(tmp_path / "ada.zip", {NIGHTS: RIGHT, TAG: "{}"})
    entry = zipfile.ZipFile(path).getinfo(NIGHTS)
    content = bytearray(path.read_bytes())
    place = content.rindex(b"PK\x01\x02", 0, content.rindex(NIGHTS.encode()))
    content[place + 8] |= 1
    path.write_bytes(content)

    one = taken(path)

    assert entry.flag_bits == 0
    assert "is encrypted" in one.candidates["count-nights"].problem
    assert one.candidates["price-tag"].files == {"tag.json": b"{}"}


def test_an_unusual_compression_costs_its_exercise(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "ada.zip", "w") as archive:
        archive.writestr("prodev.toml", "")
        archive.writestr(NIGHTS, RIGHT, compress_type=zipfile.ZIP_LZMA)

    assert "compressed in a way" in taken(tmp_path / "ada.zip").candidates["count-nights"].problem


def test_damage_to_a_file_costs_its_exercise(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "ada.zip", "w") as archive:
        for name, content in {**MARKED, NIGHTS: RIGHT, TAG: "{}"}.items():
            archive.writestr(name, content)
    spoilt(tmp_path / "ada.zip", before=RIGHT[:20].encode(), after=b"#" * 20)

    one = taken(tmp_path / "ada.zip")

    assert "Bad CRC-32" in one.candidates["count-nights"].problem
    assert one.candidates["price-tag"].files == {"tag.json": b"{}"}


def test_a_link_in_a_zip_is_not_followed(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "ada.zip", "w") as archive:
        archive.writestr("prodev.toml", "")
        link = zipfile.ZipInfo(NIGHTS)
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, str(TOY / "solutions/00-stays/count-nights/reference/nights.py"))

    candidate = taken(tmp_path / "ada.zip").candidates["count-nights"]

    assert candidate == Candidate({}, links=("nights.py",))


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


def test_the_message_of_a_broken_zip_can_be_shown_anywhere(tmp_path: Path) -> None:
    path = in_zip(tmp_path / "ada.zip", {"../\x1b[31mred\udcff.py".encode("utf-8", "replace").decode(): ""})

    with pytest.raises(Broken) as broken:
        ZipTree(path)

    assert str(broken.value).isprintable()
