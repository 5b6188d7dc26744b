"""Run the given tests with the candidate's fixtures, and look around before and after."""

import os
import random
import shutil
import sqlite3
import sys
from pathlib import Path

import pytest

from prodev.testbed.own_tests import run_own_tests

CURRENT_FOLDER = "the current folder"
BESIDE = {
    "exports": """
import another_run

def test_beside_another_run(exports):
    (exports / "bookings-1.csv").write_text("of the first run")
    another_run.go("test_exports.py")
    assert [path.name for path in sorted(exports.iterdir())] == ["bookings-1.csv"]
    assert (exports / "bookings-1.csv").read_text() == "of the first run"
""",
    "db": """
import another_run
import staybook

def test_beside_another_run(db):
    staybook.book(db, "Ada", 2)
    another_run.go("test_bookings.py")
    assert [guest for _, guest, _ in staybook.bookings(db)] == ["Ada"]
""",
}
ANOTHER_RUN = """
import subprocess
import sys

def go(file):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", {nothing!r}]
    ended = subprocess.run(
        [*command, "--rootdir", {folder!r}, {folder!r} + "/" + file], cwd={folder!r}, capture_output=True, text=True
    )
    seen["output"] = ended.stdout + ended.stderr
    seen["exit_code"] = ended.returncode

seen = {{}}
"""


class Surroundings:
    """What each test found when it began, and what it was handed."""

    def __init__(self):
        self.before = surroundings()
        self.leaks = {}
        self.exports = set()
        self.last = "the import of conftest.py"

    def pytest_runtest_logstart(self, nodeid):
        self.look(counts=True)
        self.last = nodeid.partition("::")[2]

    def pytest_runtest_call(self, item):
        if "exports" in item.funcargs:
            self.exports.add(str(Path(item.funcargs["exports"]).resolve()))

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self):
        self.look(counts=False)

    def look(self, *, counts):
        now = surroundings()
        for name in {name for name in now.keys() | self.before.keys() if now.get(name) != self.before.get(name)}:
            leak = {"name": name, "was": self.before.get(name), "is": now.get(name), "by": self.last, "tests": 0}
            self.leaks.setdefault(name, leak)["tests"] += counts


def surroundings():
    found = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return found | {CURRENT_FOLDER: str(Path.cwd())}


def run_the_tests(files, order, twice=False, outside=None):
    """Run the tests of ``files`` in ``order``, a second copy of each after it where ``twice``.

    ``outside`` is the value of DEBUG before the run.
    """
    folder = checkout("shop")
    if twice:
        for file in files:
            shutil.copy(folder / file, folder / file.replace(".py", "_again.py"))
        files = [*files, *(file.replace(".py", "_again.py") for file in files)]
    os.environ.pop("DEBUG", None)
    if outside is not None:
        os.environ["DEBUG"] = outside
    around, opened, before = Surroundings(), noted_connections(), listing(folder)
    with opened:
        seen = run_own_tests(folder, files, arrange=lambda names: arranged(names, order), plugins=[around])
    os.environ.pop("DEBUG", None)
    after = listing(folder)
    return seen | {
        "leaks": list(around.leaks.values()),
        "inside": sorted(inside(path, folder) for path in around.exports if inside(path, folder)),
        "left": changed(before, after),
        "opened": len(opened.found),
        "still_open": sum(map(is_open, opened.found)),
    }


def run_beside_another(fixture):
    """Stop in the middle of a test that uses ``fixture``, and let a whole run from another folder pass by."""
    folder, other = checkout("shop"), checkout("other-shop")
    (folder / "test_beside.py").write_text(BESIDE[fixture], encoding="utf-8")
    (folder / "another_run.py").write_text(ANOTHER_RUN.format(folder=str(other), nothing=os.devnull), encoding="utf-8")
    looked = {}

    class Keeps:
        def pytest_runtest_teardown(self):
            looked.update(sys.modules["another_run"].seen)

    seen = run_own_tests(folder, ["test_beside.py"], plugins=[Keeps()])
    told = [line[1:].strip() for line in looked.get("output", "").splitlines() if line.startswith("E ")]
    return seen | {"other_passed": looked.get("exit_code") == 0, "other_says": told[0] if told else ""}


class noted_connections:
    """Notes each connection to SQLite that is opened inside."""

    def __init__(self):
        self.found = []

    def __enter__(self):
        self.connect = sqlite3.connect
        sqlite3.connect = self.noting

    def __exit__(self, *_):
        sqlite3.connect = self.connect

    def noting(self, *given, **named):
        connection = self.connect(*given, **named)
        self.found.append(connection)
        return connection


def is_open(connection):
    try:
        connection.total_changes  # noqa: B018
    except sqlite3.ProgrammingError:
        return False
    return True


def checkout(name):
    """Copy the candidate's folder, as a second clone would be."""
    tree = Path(sys.modules["conftest"].__file__).parent
    folder = Path.cwd() / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for path in tree.glob("*.py"):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder.resolve()


def arranged(names, order):
    if isinstance(order, list):
        return [name for name in order if name in names]
    if order == "backwards":
        return names[::-1]
    if order != "as written":
        random.Random(order).shuffle(names)
    return names


def listing(folder):
    """Every file and folder with its content, apart from the caches that .gitignore names."""
    found = [path for path in folder.rglob("*") if "__pycache__" not in path.parts]
    return {path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b"/" for path in found}


def changed(before, after):
    """What is new or different, folders only where they are all there is."""
    names = sorted(name for name in after if after[name] != before.get(name))
    return [name for name in names if after[name] != b"/"] or names


def inside(path, folder):
    """The path in the folder, "" where it lies elsewhere."""
    return Path(path).relative_to(folder).as_posix() if Path(path).is_relative_to(folder) else ""
