"""Learners' tests, run beside code that we chose."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from prodev.testbed.own_tests import noting_connections, run_own_tests

TESTS = """\
import stay

def test_first():
    assert stay.nights == 2

def test_second():
    print("noise")
    assert stay.nights == 3, "three"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with tests and the module that they test."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # the runs set it; this takes it back
    (tmp_path / "stay.py").write_text("nights = 2\n")
    (tmp_path / "test_stay.py").write_text(TESTS)
    return tmp_path


def test_tells_what_became_of_each_test(folder: Path) -> None:
    seen = run_own_tests(folder)

    assert seen["trouble"] == ""
    assert seen["tests"]["test_stay.py::test_first"] == "passed"
    assert "three" in seen["tests"]["test_stay.py::test_second"]


def test_prints_nothing(folder: Path) -> None:
    code = (
        f"from pathlib import Path; from prodev.testbed.own_tests import run_own_tests as r; r(Path({str(folder)!r}))"
    )

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert (printed.stdout, printed.stderr) == ("", "")


def test_imports_the_folder_anew_each_time(folder: Path) -> None:
    before = (sys.path[:], sys.modules.get("stay"))
    run_own_tests(folder)
    (folder / "stay.py").write_text("nights =  3\n")

    seen = run_own_tests(folder)

    assert seen["tests"]["test_stay.py::test_second"] == "passed"
    assert (sys.path, sys.modules.get("stay")) == before


def test_puts_the_tests_in_the_order_that_is_asked_for(folder: Path) -> None:
    (folder / "conftest.py").write_text("def pytest_collection_modifyitems(items):\n    items.sort(key=str)\n")

    arranged: Callable[[list[str]], list[str]] = lambda names: names[::-1]  # noqa: E731
    seen = run_own_tests(folder, ["test_stay.py"], arrange=arranged)

    assert [name.partition("::")[2] for name in seen["tests"]] == ["test_second", "test_first"]


@pytest.mark.parametrize(
    ("tests", "trouble"),
    [
        ("import nothing_like_it\n", "ModuleNotFoundError: No module named 'nothing_like_it'"),
        ("import pytest\ndef test_first():\n    pytest.exit('done')\n", "ended the whole run: 0 of 1"),
        ("import pytest\ndef test_first():\n    pytest.skip()\n", "No test ran: 1 of 1 were skipped"),
    ],
    ids=["does not import", "leaves early", "skips"],
)
def test_says_why_tests_did_not_run(folder: Path, tests: str, trouble: str) -> None:
    (folder / "test_stay.py").write_text(tests)

    seen = run_own_tests(folder)

    assert trouble in seen["trouble"]
    assert str(folder) not in seen["trouble"]


def test_refuses_and_notes_connections() -> None:
    with noting_connections() as noted:
        with pytest.raises(OSError):
            urllib.request.urlopen("http://pay.staybook.example/charges")
        with pytest.raises(ConnectionRefusedError), socket.socket() as any_socket:
            any_socket.connect(("127.0.0.1", 9))

    assert noted == ["pay.staybook.example:80", "127.0.0.1:9"]


def test_lets_connections_be_outside_of_the_block() -> None:
    with noting_connections() as noted:
        pass

    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass
    assert noted == []


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="there are no Unix sockets here")
def test_lets_an_event_loop_have_its_sockets(tmp_path: Path) -> None:
    path = os.path.relpath(tmp_path / "socket")
    with noting_connections() as noted, socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        near, far = socket.socketpair()

    near.close()
    far.close()
    assert noted == []
