"""What the tests of staybook start from."""

import pytest

import staybook

RATES = {"Tala": {"weekday": 40, "weekend": 55}, "Mika": {"weekday": 65, "weekend": 80}}


@pytest.fixture
def rates():
    """The nightly rates of two listings."""
    return RATES


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: (item.path, item.function.__code__.co_firstlineno))


@pytest.fixture
def db():
    """A database without bookings."""
    connection = staybook.connect(":memory:")
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
