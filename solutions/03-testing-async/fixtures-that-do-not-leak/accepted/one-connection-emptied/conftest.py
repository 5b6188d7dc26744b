"""What the tests of staybook start from."""

import os
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

import staybook


@pytest.fixture
def rates():
    """The nightly rates of two listings."""
    return {"Tala": {"weekday": 40, "weekend": 55}, "Mika": {"weekday": 65, "weekend": 80}}


@pytest.fixture(scope="session")
def _connection(tmp_path_factory):
    with closing(staybook.connect(tmp_path_factory.mktemp("database") / "staybook.db")) as connection:
        yield connection


@pytest.fixture
def db(_connection):
    """A database without bookings."""
    yield _connection
    for number, _, _ in staybook.bookings(_connection):
        staybook.cancel(_connection, number)


@pytest.fixture(autouse=True)
def _environment():
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def debug():
    """DEBUG=1, for one test."""
    os.environ["DEBUG"] = "1"


@pytest.fixture
def exports():
    """An empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)
