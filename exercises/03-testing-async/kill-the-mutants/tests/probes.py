"""Run the candidate's tests beside one implementation of stay.py."""

import sys
from pathlib import Path

from prodev.testbed.own_tests import run_own_tests


def run_your_tests(stay):
    """Return the outcome of each test: "passed", or the first line of what it failed with."""
    # The worker has imported the file once, beside the stay.py of the candidate's folder.
    tests = Path(sys.modules["test_stay"].__file__)
    folder = Path.cwd() / "tree"
    folder.mkdir(exist_ok=True)
    (folder / "stay.py").write_text(stay, encoding="utf-8")
    (folder / tests.name).write_bytes(tests.read_bytes())
    seen = run_own_tests(folder, [tests.name])
    return seen | {"tests": {name.partition("::")[2]: outcome for name, outcome in seen["tests"].items()}}
