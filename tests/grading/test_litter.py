"""Scratch folders of graders that were killed do not pile up."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from prodev.grading.litter import own_folder

HOLD = """
from prodev.grading.litter import own_folder
with own_folder() as folder:
    print(folder, flush=True)
    input()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))


@pytest.fixture
def held():
    """The folder of a grader in another process, and that process."""
    process = subprocess.Popen([sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield Path(process.stdout.readline().strip()), process
    process.kill()
    process.communicate()


def test_a_folder_goes_with_its_grader():
    with own_folder() as folder:
        (folder / "deep/er").mkdir(parents=True)

        assert folder.stat().st_mode & 0o777 == 0o700
    assert not folder.exists()


def test_what_a_killed_grader_left_is_removed_by_the_next(held):
    folder, process = held
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    with own_folder():
        assert not folder.exists()


def test_what_another_uses_stays(held):
    folder, _ = held

    with own_folder():
        assert folder.exists()


def test_a_folder_of_somebody_elses_making_stays(tmp_path):
    (tmp_path / "prodev-grader-notes").mkdir()

    with own_folder():
        assert (tmp_path / "prodev-grader-notes").exists()
