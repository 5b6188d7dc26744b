"""Git repositories from strangers: what is committed counts, and nothing that stands in them is run or followed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from handing_in import NIGHTS, RIGHT, TAG, TOY, answer_in, git, in_folder, in_git, taken

from prodev.cohort import repositories
from prodev.cohort.repositories import is_address, objects_of
from prodev.cohort.sources import call_in, take_in
from prodev.course import Course


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return in_git(tmp_path / "ada")


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """A file that appears when anything of a repository is run."""
    return tmp_path / "somebody-was-here"


def test_the_commit_is_graded_and_named_with_its_time(repository: Path) -> None:
    one = taken(repository)

    assert answer_in(one) == RIGHT.encode()
    assert one.handed.commit == git(repository, "rev-parse", "HEAD")
    assert one.handed.at == "2026-05-01T10:00:00Z"


def test_what_is_not_committed_does_not_count_and_is_remarked_on(repository: Path) -> None:
    (repository / NIGHTS).write_text("changed later")

    one = taken(repository)

    assert answer_in(one) == RIGHT.encode()
    assert "count-nights was changed after the commit that was graded" in one.handed.notes[0]


def test_other_line_ends_on_disk_are_no_change(repository: Path) -> None:
    (repository / NIGHTS).write_bytes(RIGHT.replace("\n", "\r\n").encode())

    assert taken(repository).handed.notes == ()


def test_what_lies_broken_beside_a_commit_costs_nothing(repository: Path) -> None:
    deep = repository / NIGHTS
    deep.unlink()
    deep.joinpath(*["a"] * 40).mkdir(parents=True)

    assert answer_in(taken(repository)) == RIGHT.encode()


def test_a_bare_repository_is_read_as_well(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(repository), "bare.git")

    one = taken(tmp_path / "bare.git")

    assert one.handed.name == "bare"
    assert answer_in(one) == RIGHT.encode()


def test_packed_and_shallow_repositories_are_read_as_well(repository: Path, tmp_path: Path) -> None:
    in_git(repository, {TAG: "{}"})
    git(repository, "gc", "--quiet", "--aggressive", "--prune=now")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repository}", "shallow")

    assert answer_in(taken(repository)) == answer_in(taken(tmp_path / "shallow")) == RIGHT.encode()


def test_a_detached_head_is_the_commit_that_is_graded(repository: Path) -> None:
    first = git(repository, "rev-parse", "HEAD")
    in_git(repository, {NIGHTS: "later"})
    git(repository, "checkout", "--quiet", "--detach", first)

    assert answer_in(taken(repository)) == RIGHT.encode()


def test_a_repository_without_a_commit_is_graded_as_it_lies_there(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "ada")

    one = taken(in_folder(tmp_path / "ada"))

    assert one.handed.commit == ""
    assert answer_in(one) == RIGHT.encode()


@pytest.mark.parametrize("wanted", ["no-such-branch", "deadbeef", "../../HEAD", "--upload-pack=x", "HEAD~1"])
def test_a_commit_that_is_not_there_is_a_problem(repository: Path, wanted: str) -> None:
    problem = taken(f"{repository}#{wanted}").handed.problem

    assert wanted in problem
    assert "no commit" in problem


def test_hooks_are_not_run(repository: Path, mark: Path) -> None:
    for name in ("post-checkout", "pre-commit", "reference-transaction", "post-index-change", "fsmonitor-watchman"):
        hook = repository / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
        hook.chmod(0o755)

    assert answer_in(taken(repository)) == RIGHT.encode()
    assert not mark.exists()


def test_settings_of_the_repository_are_not_obeyed(repository: Path, mark: Path) -> None:
    run = f"touch {mark}"
    settings = {
        "core.fsmonitor": run,
        "core.sshCommand": run,
        "core.pager": run,
        "core.hooksPath": str(repository),
        "core.alternateRefsCommand": run,
        "diff.external": run,
        "filter.evil.clean": run,
        "filter.evil.smudge": run,
        "filter.evil.process": run,
        "gpg.program": run,
        "log.showSignature": "true",
        "alias.rev-parse": f"!{run}",
        "uploadpack.packObjectsHook": run,
        "include.path": "/dev/stdin",
    }
    (repository / ".gitattributes").write_text("* filter=evil diff=evil\n")
    in_git(repository)
    for name, value in settings.items():
        git(repository, "config", name, value)

    assert answer_in(taken(repository)) == RIGHT.encode()
    assert not mark.exists()


def test_attributes_change_nothing_of_what_is_read(repository: Path) -> None:
    in_git(repository, {NIGHTS: "# $Id$\n"})
    in_git(repository, {".gitattributes": "*.py ident eol=crlf export-ignore\n"})
    (repository / ".git/info/attributes").write_text("*.py working-tree-encoding=UTF-16\n")

    assert answer_in(taken(repository)) == b"# $Id$\n"


def test_a_submodule_with_a_local_path_is_not_visited(repository: Path, tmp_path: Path) -> None:
    secret = in_git(tmp_path / "secret", {"token.txt": "secret"})
    git(repository, "submodule", "--quiet", "add", str(secret), "00-stays/price-tag")
    git(repository, "commit", "--quiet", "-m", "a submodule")

    one = taken(repository)

    assert set(one.candidates) == {"count-nights"}


def test_a_link_in_a_commit_is_not_followed(repository: Path) -> None:
    (repository / NIGHTS).unlink()
    (repository / NIGHTS).symlink_to(TOY / "solutions/00-stays/count-nights/reference/nights.py")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "-m", "a link")

    assert taken(repository).candidates["count-nights"].links == ("nights.py",)


def test_a_git_file_that_points_elsewhere_is_not_followed(repository: Path, tmp_path: Path) -> None:
    theirs = in_folder(tmp_path / "ben", {NIGHTS: "my own"})
    (theirs / ".git").write_text(f"gitdir: {repository / '.git'}\n")

    one = taken(theirs)

    assert one.handed.commit == ""
    assert answer_in(one) == b"my own"


@pytest.mark.parametrize("way", ["alternates", "objects", "pack", "heads", "git"])
def test_a_repository_that_borrows_from_another_is_refused(repository: Path, tmp_path: Path, way: str) -> None:
    theirs = in_git(tmp_path / "ben", {NIGHTS: "my own"}) / ".git"
    ours = repository / ".git"
    if way == "alternates":
        (theirs / "objects/info").mkdir(exist_ok=True)
        (theirs / "objects/info/alternates").write_text(f"{ours / 'objects'}\n")
    else:
        part = {"objects": "objects", "pack": "objects/pack", "heads": "refs/heads", "git": ""}[way]
        shutil.rmtree(theirs / part)
        (theirs / part).symlink_to(ours / part)

    problem = taken(theirs.parent).handed.problem

    assert problem == "The repository borrows from another one. Hand in one that holds all that it needs."


def test_a_branch_that_is_a_link_to_another_file_is_not_read(repository: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(git(repository, "rev-parse", "HEAD"))
    (repository / ".git/refs/heads/main").unlink()
    (repository / ".git/refs/heads/main").symlink_to(secret)

    assert taken(repository).handed.problem == "The repository has no commit at HEAD."


@pytest.mark.parametrize("head", ["ref: refs/../../secret", "ref: refs/heads/main", "nonsense", "ref: /etc/passwd"])
def test_a_head_that_leads_nowhere_good_is_a_problem(repository: Path, head: str) -> None:
    if head == "ref: refs/heads/main":  # a circle
        (repository / ".git/refs/heads/main").write_text("ref: refs/heads/main")
    (repository / ".git/HEAD").write_text(head)

    assert taken(repository).handed.problem == "The repository has no commit at HEAD."


def test_a_replaced_object_is_not_believed(repository: Path) -> None:
    right = git(repository, "rev-parse", f"HEAD:{NIGHTS}")
    in_git(repository, {NIGHTS: "wrong"})
    wrong = git(repository, "rev-parse", f"HEAD:{NIGHTS}")
    git(repository, "replace", wrong, right)

    assert answer_in(taken(repository)) == b"wrong"


def test_a_partial_clone_fetches_nothing(repository: Path, tmp_path: Path, mark: Path) -> None:
    git(repository, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "--quiet", "--filter=blob:none", "--no-checkout", f"file://{repository}", "partial")
    partial = tmp_path / "partial"
    git(partial, "config", "remote.origin.url", f"ext::touch {mark}")
    git(partial, "config", "protocol.ext.allow", "always")

    one = taken(partial)

    assert not one.candidates.get("count-nights") or one.candidates["count-nights"].problem or one.handed.problem
    assert one.handed.problem
    assert not mark.exists()


def test_a_git_that_never_ends_is_stopped(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nsleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow.parent}:/usr/bin:/bin")
    monkeypatch.setattr(repositories, "READ_S", 0.2)
    monkeypatch.setattr(repositories._git, "__kwdefaults__", {"seconds": 0.2, "own_settings": False})

    assert "did not end within" in taken(repository).handed.problem


def test_a_machine_without_git_says_so(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called = call_in([str(repository)], modules=frozenset())
    monkeypatch.setenv("PATH", str(repository))
    monkeypatch.setattr(repositories, "_command", lambda *arguments: ["git", *arguments])

    assert take_in(called.sources[0], Course(TOY).exercises).handed.problem == "This machine has no git."


def test_a_repository_is_cloned_from_its_address(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".gitconfig").write_text(
        f'[url "file://{repository}"]\n\tinsteadOf = https://git.example/ada\n[protocol "file"]\n\tallow = always\n'
    )
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    surroundings = repositories._surroundings
    monkeypatch.setattr(
        repositories, "_surroundings", lambda **how: surroundings(**how) | {"GIT_ALLOW_PROTOCOL": "https:file"}
    )

    one = taken("https://git.example/ada")

    assert one.handed.commit == git(repository, "rev-parse", "HEAD")
    assert answer_in(one) == RIGHT.encode()


@pytest.mark.parametrize("address", ["https://127.0.0.1:1/ada", "ssh://-oProxyCommand=x/ada", "git@127.0.0.1:ada"])
def test_an_address_that_cannot_be_cloned_is_a_problem(address: str, tmp_path: Path) -> None:
    assert taken(address).handed.problem.startswith("git says: ")


def test_what_is_an_address_and_what_is_not() -> None:
    addresses = ["https://git.example/ada", "ssh://git@git.example/ada", "git@git.example:ada/ws.git"]
    paths = ["ada", "./ada", "/tmp/ada", "file:///tmp/ada", "ext::sh -c x", "-oProxyCommand=x", "C:\\ada"]

    assert [is_address(text) for text in addresses + paths] == [True] * 3 + [False] * len(paths)


def test_git_folders_are_known_by_what_they_hold(repository: Path, tmp_path: Path) -> None:
    assert objects_of(repository) == repository / ".git"
    assert objects_of(repository / ".git") == repository / ".git"
    assert objects_of(tmp_path) is None


def test_no_git_is_left_running(repository: Path) -> None:
    taken(repository)

    listed = subprocess.run(["ps", "-o", "ppid=,comm="], capture_output=True, text=True, check=True).stdout
    assert not [line for line in listed.splitlines() if line.split() == [str(os.getpid()), "git"]], sys.platform
