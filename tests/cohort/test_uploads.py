"""Folders and zips from strangers: what they try, and what is said of it."""

from __future__ import annotations

import stat
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from handing_in import MARKED, NIGHTS, RIGHT, TAG, TOY, answer_in, in_zip, spoilt, taken

from prodev.cohort import uploads
from prodev.cohort.candidates import Candidate
from prodev.cohort.trees import Broken
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


def test_the_message_of_a_broken_zip_can_be_shown_anywhere(tmp_path: Path) -> None:
    path = in_zip(tmp_path / "ada.zip", {"../\x1b[31mred\udcff.py".encode("utf-8", "replace").decode(): ""})

    with pytest.raises(Broken) as broken:
        ZipTree(path)

    assert str(broken.value).isprintable()
