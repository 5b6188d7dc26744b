"""The Makefile's doors say what is wrong with a machine in a sentence, before they try anything."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

TOO_OLD = '#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2\nexit 1\n'
NO_VENV = '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\n'


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def make(folder: Path, *arguments: str) -> tuple[int, str]:
    # These tests run under `make test` themselves, and a make inside a make talks about it.
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    command = ["make", *arguments]
    done = subprocess.run(command, cwd=folder, env=outside, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_bare_make_prints_the_doors(clone: Path) -> None:
    code, said = make(clone)

    assert code == 0
    assert [line.split()[1] for line in said.splitlines()] == ["learn", "test", "site", "capstone"]
    assert not (clone / ".venv").exists()


@pytest.mark.parametrize(
    ("python", "sentence"),
    [
        (TOO_OLD, "is Python 3.9.2, and 3.11 is the oldest that works"),
        (NO_VENV, "sudo apt install python3-venv"),
        (None, "Install Python 3.11 or newer"),
    ],
)
def test_a_python_that_will_not_do_is_named(clone: Path, python: str | None, sentence: str) -> None:
    script = clone / "python-here"
    if python is not None:
        script.write_text(python)
        script.chmod(0o755)

    code, said = make(clone, "learn", f"PYTHON={script}")

    assert code == 2
    assert sentence in said
    assert not (clone / ".venv").exists()


def test_the_second_time_installs_nothing(clone: Path) -> None:
    tools = clone / ".venv" / "bin"
    tools.mkdir(parents=True)
    for name in ("made", "learner"):
        (clone / ".venv" / name).touch()
    (tools / "prodev").write_text('#!/bin/sh\necho "prodev $*"\n')
    (tools / "prodev").chmod(0o755)

    assert make(clone, "learn") == (0, "prodev next\n")
