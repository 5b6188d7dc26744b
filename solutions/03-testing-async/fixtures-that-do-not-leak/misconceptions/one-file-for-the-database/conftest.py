"""What the tests of staybook start from."""

import tempfile
from pathlib import Path

import pytest

import staybook


@pytest.fixture
def rates():
    """The nightly rates of two listings."""
    return {"Tala": {"weekday": 40, "weekend": 55}, "Mika": {"weekday": 65, "weekend": 80}}


@pytest.fixture
def db():
    """A database without bookings."""
    path = Path(tempfile.gettempdir()) / "staybook-test.db"
    connection = staybook.connect(path)
    with connection:
        connection.execute("DELETE FROM booking")
    yield connection
    connection.close()


@pytest.fixture
def debug(monkeypatch):
    """DEBUG=1, for one test."""
    monkeypatch.setenv("DEBUG", "1")


@pytest.fixture
def exports(tmp_path):
    """An empty folder."""
    return tmp_path
