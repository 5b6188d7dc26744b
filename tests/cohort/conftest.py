"""A small cohort that was graded, to be changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from handing_in import NIGHTS, RIGHT, TAG, WRONG, graded, in_folder, in_git, in_zip

from prodev.cohort.results import CohortReport


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cohort in ``spring``, and in ``out`` what grading it found."""
    root = tmp_path_factory.mktemp("base")
    tag = '{"listing": "Lake cabin", "amount": "120.10", "currency": "EUR"}'
    in_folder(root / "spring/ada", {NIGHTS: RIGHT, TAG: tag})
    in_zip(root / "spring/ben.zip", {NIGHTS: WRONG + "\n# mine\n"})
    in_git(root / "spring/cho", {NIGHTS: RIGHT + "\n# mine\n"})
    (root / "spring/dan.zip").write_bytes(b"no zip")
    graded(root / "spring", root / "out")
    return root


@pytest.fixture
def cohort(base: Path, tmp_path: Path) -> Path:
    """A copy of the cohort, to be changed."""
    return Path(shutil.copytree(base / "spring", tmp_path / "spring"))


@pytest.fixture
def out(base: Path, tmp_path: Path) -> Path:
    """A results folder that knows the cohort as it was."""
    return Path(shutil.copytree(base / "out", tmp_path / "out"))


@pytest.fixture
def before(cohort: Path, out: Path) -> CohortReport:
    """The cohort as it was."""
    return graded(cohort, out)
