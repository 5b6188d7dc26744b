"""Collect a suite in a process of its own and print what its tests claim to be, as one line of JSON."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import pytest

from prodev.grading.judge import promise_of


class _Listener:
    """The pytest plugin that keeps what was collected."""

    def __init__(self) -> None:
        self.tests: list[dict[str, Any]] = []
        self.problem = ""

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "task(id): the task that this test grades")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and not self.problem:
            self.problem = str(report.longrepr).strip().splitlines()[-1].removeprefix("E").strip()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.tests = [promise_of(item) for item in items]


def main(tests: str) -> None:
    """Print ``{"problem": …, "tests": […]}`` for the suite in ``tests``."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    listener = _Listener()
    options = ["--collect-only", "--assert=plain", "--import-mode=prepend", "-c", os.devnull, f"--rootdir={tests}"]
    pytest.main([tests, *options, "-p", "no:terminal", "-p", "no:cacheprovider"], plugins=[listener])
    sys.stdout.write(json.dumps({"problem": listener.problem, "tests": listener.tests}) + "\n")


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    main(sys.argv[1])
