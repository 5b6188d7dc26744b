"""Objects of git that git itself would not make."""

from __future__ import annotations

import zlib
from hashlib import sha1
from pathlib import Path

import pytest
from handing_in import NIGHTS, git, in_git, taken


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return in_git(tmp_path / "ada")


def loose(repository: Path, kind: str, content: bytes) -> str:
    """Write an object that git itself would refuse to make; return its name."""
    raw = f"{kind} {len(content)}".encode() + b"\0" + content
    name = sha1(raw).hexdigest()
    path = repository / ".git" / "objects" / name[:2] / name[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(zlib.compress(raw))
    return name


def committed_tree(repository: Path, tree: str) -> None:
    commit = loose(
        repository,
        "commit",
        f"tree {tree}\nauthor A <a@b> 1777629600 +0000\ncommitter A <a@b> 1777629600 +0000\n\nx\n".encode(),
    )
    (repository / ".git/refs/heads/main").write_text(commit)


@pytest.mark.parametrize("name", [b"..", b"../../outside.py"])
def test_a_tree_that_leads_out_of_its_folder_is_refused(repository: Path, name: bytes) -> None:
    blob = loose(repository, "blob", b"gotcha")
    inner = loose(repository, "tree", b"100644 outside.py\0" + bytes.fromhex(blob))
    entry = b"40000 ..\0" + bytes.fromhex(inner) if name == b".." else b"100644 " + name + b"\0" + bytes.fromhex(blob)
    committed_tree(repository, loose(repository, "tree", entry))

    assert taken(repository).handed.problem


def test_trees_that_hold_one_another_a_billion_times_are_refused(repository: Path) -> None:
    entry = b"100644 f\0" + bytes.fromhex(loose(repository, "blob", b""))
    for _ in range(9):
        tree = loose(repository, "tree", entry)
        entry = b"".join(b"40000 %d\0" % number + bytes.fromhex(tree) for number in range(10))
    committed_tree(repository, loose(repository, "tree", entry))

    problem = taken(repository).handed.problem

    assert problem.startswith(("The commit holds more files than anybody", "git did not end within"))


def test_a_commit_from_nowhere_in_time_is_a_problem_or_a_time(repository: Path) -> None:
    tree = git(repository, "rev-parse", "HEAD^{tree}")
    commit = f"tree {tree}\nauthor A <a@b> 9{'9' * 30} +0000\ncommitter A <a@b> 9{'9' * 30} +0000\n\nx\n"
    (repository / ".git/refs/heads/main").write_text(loose(repository, "commit", commit.encode()))

    one = taken(repository)

    assert one.handed.problem or one.handed.at


def test_a_missing_object_is_a_problem_of_that_submission(repository: Path) -> None:
    blob = git(repository, "rev-parse", f"HEAD:{NIGHTS}")
    (repository / ".git/objects" / blob[:2] / blob[2:]).unlink()

    one = taken(repository)

    assert one.handed.problem or one.candidates["count-nights"].problem
