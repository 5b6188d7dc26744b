"""A mutant gets to everybody who has the function already; what runs at the import is left to an import."""

from __future__ import annotations

import importlib.util
import textwrap

import pytest

from tests.mutants import swap

BEFORE = textwrap.dedent("""
    import functools

    LIMIT = 3

    def free(nights):
        return nights < LIMIT

    class House:
        rooms = 2

        @functools.cache
        def sleeps(self, beds):
            return sum(beds for _ in range(self.rooms))
""")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "house.py"
    path.write_text(BEFORE)
    return path


@pytest.fixture
def house(file):
    spec = importlib.util.spec_from_file_location("house", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_who_took_a_function_by_its_name_has_the_mutant(house, file):
    free = house.free

    assert swap.put_in(file, BEFORE, BEFORE.replace("nights < LIMIT", "nights <= LIMIT"))

    assert free(3)


def test_a_method_behind_a_decorator_is_found(house, file):
    assert swap.put_in(file, BEFORE, BEFORE.replace("sum(beds", "max(beds"))

    assert house.House().sleeps(4) == 4


@pytest.mark.parametrize(
    ("old", "new"), [("LIMIT = 3", "LIMIT = 4"), ("rooms = 2", "rooms = 1"), ("@functools.cache", "")]
)
def test_what_an_import_runs_is_left_to_an_import(house, file, old, new):
    assert not swap.put_in(file, BEFORE, BEFORE.replace(old, new))


def test_what_nobody_holds_is_left_to_an_import(file):
    assert not swap.put_in(file, BEFORE, BEFORE.replace("nights < LIMIT", "nights <= LIMIT"))
