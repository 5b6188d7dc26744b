"""What the documents show is what happens."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

WARM_UPS = (Path(__file__).parents[2] / "docs/learn/warm-ups.md").read_text()


def run_warm_up(number: int) -> subprocess.CompletedProcess[str]:
    code = re.findall(r"```python\n(.*?)```", WARM_UPS, re.DOTALL)[number]
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_the_first_warm_up_fails_as_its_page_says():
    error = run_warm_up(0).stderr.splitlines()[-1]

    assert error == "AssertionError: one night costs 91"
    assert error in WARM_UPS


def test_the_second_warm_up_ends_in_the_traceback_that_its_answers_explain():
    ended = run_warm_up(1)

    assert ended.stdout == "to ada@example.com\n"
    assert ended.stderr.splitlines()[-1] == "KeyError: 'email'"
    assert "`KeyError: 'email'`" in WARM_UPS
