"""Run the candidate's tests beside one implementation of stay.py, in this process, without plugins."""

import contextlib
import os
import sys
from pathlib import Path

import pytest

UNUSED = (
    *("cacheprovider", "terminal", "junitxml", "doctest", "pastebin", "stepwise", "faulthandler", "logging"),
    *("setuponly", "setupplan", "legacypath", "unraisableexception", "threadexception"),
)


class Notes:
    """What became of each test; ``trouble`` is why they did not all run."""

    def __init__(self, folder):
        self.folder = f"{folder}{os.sep}"
        self.tests = {}
        self.trouble = ""
        self.promised = self.ended = self.skipped = 0

    def pytest_collectreport(self, report):
        if report.failed:
            told = [line[1:].strip() for line in report.longreprtext.splitlines() if line.startswith("E ")]
            self.trouble = self.public(told[0] if told else report.longreprtext)

    def pytest_collection_modifyitems(self, items):
        self.promised = len(items)

    def pytest_runtest_logreport(self, report):
        name = report.nodeid.partition("::")[2]
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            self.tests[name] = self.public(crash.message if crash else report.longreprtext) or "it failed"
        elif report.skipped:
            self.skipped += 1
        elif report.when == "call":
            self.tests.setdefault(name, "passed")

    def pytest_runtest_logfinish(self):
        self.ended += 1

    def pytest_sessionfinish(self):
        if self.ended < self.promised and not self.trouble:
            self.trouble = f"One of your tests ended the whole run: {self.ended} of {self.promised} came to an end"
        elif self.skipped and not self.tests:
            self.trouble = f"No test ran: {self.skipped} of {self.promised} were skipped"

    def public(self, text):
        return text.replace(self.folder, "").strip().partition("\n")[0][:160]


def run_your_tests(stay):
    """Return the outcome of each test: "passed", or the first line of what it failed with."""
    # The worker has imported the file once, beside the stay.py of the candidate's folder.
    tests = Path(sys.modules.pop("test_stay").__file__)
    sys.modules.pop("stay", None)
    folder = Path.cwd() / "tree"
    folder.mkdir(exist_ok=True)
    (folder / "stay.py").write_text(stay, encoding="utf-8")
    (folder / tests.name).write_bytes(tests.read_bytes())
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    arguments = [str(folder / tests.name), f"--rootdir={folder}", f"--confcutdir={folder}", "-c", os.devnull]
    arguments += ["--capture=no"]
    notes = Notes(folder)
    with quiet():
        pytest.main([*arguments, *(f"-pno:{name}" for name in UNUSED)], plugins=[notes])
    return {"tests": notes.tests, "trouble": notes.trouble}


@contextlib.contextmanager
def quiet():
    """Throw away what the tests print: thirteen runs of it help nobody."""
    streams = (1, 2)
    kept = [os.dup(stream) for stream in streams]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        os.dup2(nowhere, stream)
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(ValueError):
                stream.flush()
        for stream, copy in zip(streams, kept, strict=True):
            os.dup2(copy, stream)
            os.close(copy)
        os.close(nowhere)
