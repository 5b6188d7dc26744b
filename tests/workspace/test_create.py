"""A workspace is made once, completed when something is missing, and never written over."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from prodev import __version__
from prodev.course import Course
from prodev.errors import ProDevError
from prodev.workspace import Workspace
from prodev.workspace.create import create


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", folder, *arguments], capture_output=True, text=True, check=True).stdout.strip()


def test_a_workspace_is_a_repository_with_one_commit(course: Course, tmp_path: Path) -> None:
    created = create(tmp_path / "mine", course)

    assert created.is_new
    assert created.notes == ()
    assert git(tmp_path / "mine", "log", "--format=%s") == "Begin the course"
    assert git(tmp_path / "mine", "status", "--porcelain") == ""
    assert set(git(tmp_path / "mine", "ls-files").splitlines()) == {
        ".github/workflows/grade.yml",
        ".gitignore",
        "README.md",
        "prodev.toml",
        "progress.json",
        "pytest.ini",
    }


def test_without_an_identity_it_says_how_to_commit(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"):
        monkeypatch.delenv(variable)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.useConfigOnly")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "true")

    created = create(tmp_path / "mine", course)

    assert "git config --global user.name" in "\n".join(created.notes)
    assert (tmp_path / "mine" / ".git").is_dir()


def test_without_git_it_works_and_says_so(course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    created = create(tmp_path / "mine", course)

    assert "git is not installed" in created.notes[0]
    assert (tmp_path / "mine" / "README.md").is_file()


def test_a_second_time_changes_nothing_of_the_learners(workspace: Workspace, course: Course) -> None:
    (workspace.root / "README.md").write_text("My own words.\n")
    (workspace.root / "pytest.ini").unlink()

    created = create(workspace.root, course)

    assert not created.is_new
    assert (workspace.root / "README.md").read_text() == "My own words.\n"
    assert (workspace.root / "pytest.ini").is_file()


def test_a_folder_that_holds_something_else_is_refused(course: Course, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")

    with pytest.raises(ProDevError, match="is not empty and is not a workspace"):
        create(tmp_path, course)


def test_the_clone_is_refused(course: Course) -> None:
    with pytest.raises(ProDevError, match="lies in the course's own clone"):
        create(course.root / "exercises" / "mine", course)


def test_the_workflow_calls_the_mentors_at_this_edition(course: Course, tmp_path: Path) -> None:
    create(tmp_path / "mine", course, upstream="school/backend")

    workflow = (tmp_path / "mine" / ".github" / "workflows" / "grade.yml").read_text()
    assert f"uses: school/backend/.github/workflows/grade.yml@v{__version__}" in workflow


def test_the_mentors_repository_is_read_from_the_clone(tmp_path: Path, course: Course) -> None:
    shutil.copytree(course.root, tmp_path / "clone")
    git(tmp_path, "init", "--quiet", "clone")
    git(tmp_path / "clone", "remote", "add", "origin", "git@github.com:school/backend.git")

    create(tmp_path / "mine", Course(tmp_path / "clone"))

    assert "uses: school/backend/.github" in (tmp_path / "mine" / ".github" / "workflows" / "grade.yml").read_text()


def test_a_pull_never_touches_what_the_learner_wrote(course: Course, tmp_path: Path) -> None:
    from prodev.workspace.desk import lay_out

    upstream, clone = tmp_path / "upstream", tmp_path / "clone"
    shutil.copytree(course.root, upstream)
    (upstream / ".gitignore").write_text("/workspace/\n")
    git(tmp_path, "init", "--quiet", "-b", "main", "upstream")
    git(upstream, "add", ".")
    git(upstream, "commit", "--quiet", "-m", "Edition one")
    git(tmp_path, "clone", "--quiet", "upstream", "clone")
    pulled = Course(clone)
    mine = create(clone / "workspace", pulled).workspace
    lay_out(mine, pulled.exercise("count-nights"))
    answer = mine.folder(pulled.exercise("count-nights")) / "nights.py"
    answer.write_text("my answer\n")
    before = {path: path.read_bytes() for path in mine.root.rglob("*") if path.is_file()}

    exercise = upstream / "exercises" / "00-stays" / "count-nights"
    (exercise / "starter" / "nights.py").write_text('"""Another starter."""\n')
    (exercise / "tests" / "test_nights.py").write_text('"""Another suite."""\n')
    git(upstream, "commit", "--quiet", "--all", "-m", "Edition two")
    git(clone, "pull", "--quiet")

    assert git(clone, "status", "--porcelain") == ""
    assert (clone / "exercises/00-stays/count-nights/tests/test_nights.py").read_text() == '"""Another suite."""\n'
    assert {path: path.read_bytes() for path in mine.root.rglob("*") if path.is_file()} == before
