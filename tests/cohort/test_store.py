"""What was graded stays graded; what is damaged or half written counts as not there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from handing_in import TOY

from prodev.cohort import editions
from prodev.cohort.candidates import Candidate
from prodev.cohort.editions import job_key, seed_of, suite_digest
from prodev.cohort.engine import Graded, Job, graded_blank
from prodev.cohort.results import CohortReport, Handed, cohort_json
from prodev.cohort.store import RESULTS, Store, read_results, write_atomically
from prodev.course import Course, Exercise
from prodev.errors import ProDevError

CANDIDATE = Candidate({"nights.py": b"x = 1\n"})


@pytest.fixture
def exercise() -> Exercise:
    return Course(TOY).exercise("count-nights")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "graded")
    with store.locked():
        pass
    return store


@pytest.fixture
def result(exercise: Exercise) -> Graded:
    job = Job(exercise.slug, "k" * 40, CANDIDATE.digest, 7)
    return graded_blank(exercise, job, outcome="failed", problem="It is empty.")


def kept_files(store: Store) -> list[Path]:
    return [path for path in store.folder.rglob("*") if path.suffix in (".json", ".msgpack")]


def test_what_is_kept_is_found_again(store: Store, result: Graded) -> None:
    store.keep(result)
    digest = store.keep_candidate(CANDIDATE)

    again = Store(store.folder)
    assert again.graded("count-nights", result.key) == result
    assert again.candidate(digest) == CANDIDATE


def test_what_was_never_kept_is_not_found(store: Store) -> None:
    assert store.graded("count-nights", "0" * 40) is None
    assert store.find_candidate("0" * 64) is None
    with pytest.raises(ProDevError, match="are no longer in"):
        store.candidate("0" * 64)


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe", b"{}", b"null", b"[1, 2]", b"\x00" * 500])
def test_a_damaged_file_counts_as_not_there_and_is_written_anew(store: Store, result: Graded, damage: bytes) -> None:
    store.keep(result)
    digest = store.keep_candidate(CANDIDATE)
    for path in kept_files(store):
        path.write_bytes(damage)

    assert store.graded("count-nights", result.key) is None
    assert store.find_candidate(digest) is None
    store.keep(result)
    store.keep_candidate(CANDIDATE)
    assert store.graded("count-nights", result.key) == result
    assert store.find_candidate(digest) == CANDIDATE


def test_a_file_cut_short_anywhere_counts_as_not_there(store: Store, result: Graded) -> None:
    store.keep(result)
    digest = store.keep_candidate(CANDIDATE)
    for path in kept_files(store):
        whole = path.read_bytes()
        for end in range(len(whole) - 1):
            path.write_bytes(whole[:end])

            assert store.graded("count-nights", result.key) is None or path.suffix == ".msgpack"
            assert store.find_candidate(digest) is None or path.suffix == ".json"
        path.write_bytes(whole)


def test_a_result_under_another_name_is_not_believed(store: Store, result: Graded) -> None:
    store.keep(result)
    (path,) = (path for path in kept_files(store) if path.suffix == ".json")
    path.rename(path.with_stem("l" * 40))

    assert store.graded("count-nights", "l" * 40) is None


def test_a_candidate_that_was_changed_on_disk_is_not_believed(store: Store) -> None:
    digest = store.keep_candidate(CANDIDATE)
    (path,) = kept_files(store)
    path.write_bytes(Candidate({"nights.py": b"x = 2\n"}).packed())

    assert store.find_candidate(digest) is None


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"before")

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, b"after")

    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("file", b"before")]


def test_what_a_killed_run_left_half_written_is_swept_away(store: Store) -> None:
    folder = next(path for path in store.folder.rglob("graded") if path.is_dir())
    for place in (store.folder, folder):
        (place / ".new-abc").write_text("half")

    with store.locked():
        pass

    assert not list(store.folder.rglob(".new-*"))


def test_a_second_run_in_the_same_folder_is_refused(store: Store) -> None:
    refusal = pytest.raises(ProDevError, match="Another 'prodev grade' is at work")
    with store.locked(), refusal as refused, Store(store.folder).locked():
        pass

    assert "--out FOLDER" in refused.value.remedy


def test_a_run_that_was_killed_keeps_nobody_out(store: Store) -> None:
    code = (
        "import os, sys, signal; from pathlib import Path; from prodev.cohort.store import Store\n"
        "with Store(Path(sys.argv[1])).locked(): os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(store.folder)], check=False)

    assert done.returncode == -9
    with store.locked():
        pass


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")

    with pytest.raises(ProDevError, match="is no results folder"), Store(tmp_path).locked():
        pass

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_results_do_not_end_up_in_a_repository_by_accident(store: Store) -> None:
    assert (store.folder / ".gitignore").read_text() == "*\n"


def test_earlier_results_are_read_from_their_folder_or_their_file(tmp_path: Path) -> None:
    report = CohortReport("1", "Spring", "L3", (Handed("Ada", "ada"),), (), ())
    (tmp_path / RESULTS).write_bytes(cohort_json(report))

    assert read_results(tmp_path) == read_results(tmp_path / RESULTS) == report


@pytest.mark.parametrize(
    ("content", "said"), [(None, "There are no results in"), (b"{}", "is no report"), (b"\xff", "is no report")]
)
def test_what_is_no_report_is_refused(tmp_path: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / RESULTS).write_bytes(content)

    with pytest.raises(ProDevError, match=said):
        read_results(tmp_path)


def test_a_key_changes_with_the_candidate_the_tests_and_the_grader(
    tmp_path: Path, exercise: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:

    shutil.copytree(TOY, tmp_path / "toy")
    suite = tmp_path / "toy/exercises/00-stays/count-nights/tests/test_nights.py"
    suite.write_text(suite.read_text() + "\n# another test\n")
    changed = Course(tmp_path / "toy").exercise("count-nights")

    keys = {job_key(exercise, "a"), job_key(exercise, "b"), job_key(changed, "a")}
    monkeypatch.setattr(editions, "edition_digest", lambda: "another")
    keys.add(job_key(exercise, "a"))

    assert len(keys) == 4
    assert suite_digest(exercise) != suite_digest(changed)


@pytest.mark.parametrize("part", ["exercise.toml", "starter/nights.py", "tests/test_nights.py"])
def test_every_part_that_decides_is_in_the_digest(tmp_path: Path, part: str) -> None:

    shutil.copytree(TOY, tmp_path / "toy")
    before = suite_digest(Course(TOY).exercise("count-nights"))
    assert suite_digest(Course(tmp_path / "toy").exercise("count-nights")) == before

    shutil.copytree(TOY, tmp_path / "changed")
    path = tmp_path / "changed/exercises/00-stays/count-nights" / part
    path.write_text(path.read_text() + "\n")

    assert suite_digest(Course(tmp_path / "changed").exercise("count-nights")) != before


def test_a_brief_may_be_reworded_without_grading_anything_again(tmp_path: Path) -> None:

    shutil.copytree(TOY, tmp_path / "toy")
    (tmp_path / "toy/exercises/00-stays/count-nights/README.md").write_text("Reworded.")

    assert suite_digest(Course(tmp_path / "toy").exercise("count-nights")) == suite_digest(
        Course(TOY).exercise("count-nights")
    )


def test_a_seed_is_the_same_however_often_and_differs_between_answers(exercise: Exercise) -> None:
    seeds = [seed_of(exercise, digest) for digest in ("a", "b", "a")]

    assert seeds[0] == seeds[2] != seeds[1]
    assert all(0 <= seed < 2**31 for seed in seeds)
