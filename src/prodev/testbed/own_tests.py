"""Run tests that a learner wrote, beside code that we chose: for the probes of suites that grade tests.

It models ``pytest`` in a folder, in this process: tests, conftest.py and the modules beside them, imported anew.
Left out, because they are slow, write files or print: the plugins that are installed beside pytest, its cache,
its reports, and its capture of what is printed. ``capsys``, ``caplog``, ``monkeypatch`` and ``tmp_path`` are there.

Source of the rules: pytest's reference, "Hooks", and ``python -m pytest --help``.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

_UNUSED = (
    *("cacheprovider", "terminal", "junitxml", "doctest", "pastebin", "stepwise", "faulthandler"),
    *("setuponly", "setupplan", "legacypath", "unraisableexception", "threadexception"),
)
_LONGEST = 160


class Notes:
    """What became of each test, in the order in which they ran; ``trouble`` is why they did not all run."""

    def __init__(self, folder: Path) -> None:
        self._folder = f"{folder}{os.sep}"
        self.outcomes: dict[str, str] = {}
        self.trouble = ""
        self._promised = self._ended = self._skipped = 0

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            told = [line[1:].strip() for line in report.longreprtext.splitlines() if line.startswith("E ")]
            self.trouble = self._public(told[0] if told else report.longreprtext)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self._promised = len(items)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        session.config.option.tbstyle = "value"  # a line is kept of each failure; to lay out all of it takes far longer

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            self.outcomes[report.nodeid] = self._public(crash.message if crash else report.longreprtext) or "it failed"
        elif report.skipped:
            self._skipped += 1
        elif report.when == "call":
            self.outcomes.setdefault(report.nodeid, "passed")

    def pytest_runtest_logfinish(self) -> None:
        self._ended += 1

    def pytest_sessionfinish(self) -> None:
        if self._ended < self._promised and not self.trouble:
            self.trouble = f"One of your tests ended the whole run: {self._ended} of {self._promised} came to an end"
        elif self._skipped and not self.outcomes:
            self.trouble = f"No test ran: {self._skipped} of {self._promised} were skipped"

    def _public(self, text: str) -> str:
        return text.replace(self._folder, "").strip().partition("\n")[0][:_LONGEST]


class _InOrder:
    """Puts the tests in an order, after whatever the learner's conftest.py has done to it."""

    def __init__(self, arrange: Callable[[list[str]], list[str]]) -> None:
        self._arrange = arrange

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Iterator[None]:
        named = {item.nodeid: item for item in items}
        yield
        items[:] = [named[name] for name in self._arrange(list(named))]


def run_own_tests(
    folder: Path,
    files: Sequence[str] = (),
    *,
    arrange: Callable[[list[str]], list[str]] | None = None,
    plugins: Sequence[object] = (),
) -> dict[str, Any]:
    """Run the tests of ``files`` in ``folder``, or all of it.

    Returns ``tests``, from node id to "passed" or the first line of what it failed with, and ``trouble``: "", or
    why not all of them ran. ``arrange`` puts the node ids in an order, or leaves some out.
    """
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    wanted = [str(folder / file) for file in files] or [str(folder)]
    arguments = [*wanted, f"--rootdir={folder}", f"--confcutdir={folder}", "-c", os.devnull, "--capture=no"]
    notes = Notes(folder)
    others = [_InOrder(arrange)] if arrange else []
    with _quiet(), imported_anew(folder):
        pytest.main([*arguments, *(f"-pno:{name}" for name in _UNUSED)], plugins=[notes, *others, *plugins])
    return {"tests": notes.outcomes, "trouble": notes.trouble}


@contextlib.contextmanager
def imported_anew(folder: Path) -> Iterator[None]:
    """Import the modules of ``folder`` inside from there, whoever has those names now, and forget them after it."""
    names = {path.stem for path in folder.glob("*.py")}
    kept = {name: sys.modules.pop(name) for name in names & sys.modules.keys()}
    path = sys.path[:]
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path[:] = path
        for name in names:
            sys.modules.pop(name, None)
        sys.modules.update(kept)


@contextlib.contextmanager
def noting_connections() -> Iterator[list[str]]:
    """Refuse every way out over the network, with ConnectionRefusedError, and note where it would have led.

    Of this process; what another one connects to that it has started is the walls' affair.
    """
    noted: list[str] = []
    _WATCH.begin(noted)
    try:
        yield noted
    finally:
        _WATCH.begin(None)


class _Watch:
    """An audit hook, which nothing can remove, with a switch."""

    def __init__(self) -> None:
        self._noted: list[str] | None = None
        self._is_set = False

    def begin(self, noted: list[str] | None) -> None:
        self._noted = noted
        if not self._is_set:
            self._is_set = True
            sys.addaudithook(self._hook)

    def _hook(self, event: str, given: tuple[Any, ...]) -> None:
        if self._noted is None or not event.startswith("socket."):
            return
        place = _place(event, given)
        if place:
            self._noted.append(place)
            raise ConnectionRefusedError(f"no connection to {place}: tests open no sockets here")


def _place(event: str, given: tuple[Any, ...]) -> str:
    """Where an audit event of module socket leads; "" where it stays inside this process."""
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        port = given[1] if event == "socket.getaddrinfo" else None
        host = given[0].decode() if isinstance(given[0], bytes) else given[0]
        return f"{host}:{port}" if port else f"{host}"
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"):
        address = given[1]
        return f"{address[0]}:{address[1]}" if isinstance(address, tuple) else ""
    return ""


_WATCH = _Watch()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Throw away what is printed: the output of many runs helps nobody."""
    streams = (1, 2)
    kept = [os.dup(stream) for stream in streams]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        os.dup2(nowhere, stream)
    try:
        yield
    finally:
        for out in (sys.stdout, sys.stderr):
            with contextlib.suppress(ValueError):
                out.flush()
        for stream, copy in zip(streams, kept, strict=True):
            os.dup2(copy, stream)
            os.close(copy)
        os.close(nowhere)
