"""Which tests run which lines: the ordinary suite once, with coverage's contexts."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

from coverage import CoverageData
from prodev.authoring.mutant import Mutant

CAPSTONE = Path(__file__).parents[2]
TABLES = "tests/unit/test_constraints.py::test_the_tables_are_what_the_models_say"
NOT_IN_PROCESS = ("tests/browser", "tests/plans", "tests/fuzz")
"""Their tests run staybook elsewhere, where no mutant is."""


def record(to: Path, folders: list[str]) -> None:
    """Run the tests, and note in ``to`` who runs what of ``folders``. Raises CalledProcessError when one fails."""
    watched = [f"--cov={folder}" for folder in folders]
    ignored = [f"--ignore={folder}" for folder in NOT_IN_PROCESS]
    options = ["--cov-context=test", "--cov-report=", "--cov-fail-under=0", "-p", "no:cacheprovider"]
    environ = {**os.environ, "COVERAGE_FILE": str(to)}
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *watched, *options, *ignored], cwd=CAPSTONE, env=environ, check=True
    )


class Tests:
    """What ``record`` noted."""

    def __init__(self, noted: Path) -> None:
        self._data = CoverageData(str(noted))
        self._data.read()
        self._noted: dict[Path, dict[int, list[str]]] = {}

    def of(self, mutant: Mutant) -> list[str]:
        """Those that run the function that ``mutant`` changes; outside of functions, those that run its package."""
        file = CAPSTONE / mutant.file
        if body := _body(mutant):
            return sorted(self._running(file, body))
        package = CAPSTONE.joinpath(*Path(mutant.file).parts[:2])
        files = [Path(each) for each in self._data.measured_files() if Path(each).is_relative_to(package)]
        return sorted({TABLES, *(test for each in files for test in self._running(each, None))})

    def _running(self, file: Path, lines: range | None) -> set[str]:
        if file not in self._noted:
            self._noted[file] = self._data.contexts_by_lineno(str(file))
        noted = self._noted[file].items()
        contexts = {each for line, names in noted if lines is None or line in lines for each in names}
        return {context.rpartition("|")[0] for context in contexts} - {""}


def _body(mutant: Mutant) -> range | None:
    """The lines of the innermost function around the change, without those that run at the import."""
    before, after = mutant.before.splitlines(), mutant.after.splitlines()
    line = next((n for n, (old, new) in enumerate(zip(before, after, strict=False), 1) if old != new), len(after) + 1)
    around = [
        range(node.body[0].lineno, (node.end_lineno or 0) + 1)
        for node in ast.walk(ast.parse(mutant.before))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return min((body for body in around if line in body), key=len, default=None)
