"""The room as a whole: its public names, and what its import costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from prodev import testbed


def test_every_public_name_is_there() -> None:
    missing = [name for name in testbed.__all__ if not hasattr(testbed, name)]

    assert missing == []
    assert dir(testbed) == sorted(testbed.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        testbed.nonsense  # noqa: B018


def test_importing_the_room_loads_no_driver_and_nothing_else_that_costs() -> None:
    code = "import sys; before = set(sys.modules); import prodev.testbed; print(*sorted(set(sys.modules) - before))"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert {"psycopg", "socket", "subprocess", "typing", "re"} & set(loaded) == set()
    assert [name for name in loaded if name.startswith("prodev.testbed.")] == ["prodev.testbed.explain"]
