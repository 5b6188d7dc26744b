"""What the tests of staybook start from."""

import copy
import sqlite3
from unittest import mock

import pytest

import staybook

RATES = {"Tala": {"weekday": 40, "weekend": 55}, "Mika": {"weekday": 65, "weekend": 80}}


@pytest.fixture
def rates():
    """The nightly rates of two listings."""
    return copy.deepcopy(RATES)


@pytest.fixture(scope="session")
def _template():
    connection = staybook.connect(":memory:")
    yield connection
    connection.close()


@pytest.fixture
def db(_template):
    """A database without bookings."""
    connection = sqlite3.connect(":memory:")
    _template.backup(connection)
    yield connection
    connection.close()


@pytest.fixture
def debug():
    """DEBUG=1, for one test."""
    with mock.patch.dict("os.environ", DEBUG="1"):
        yield


@pytest.fixture
def exports(tmp_path_factory):
    """An empty folder."""
    return tmp_path_factory.mktemp("exports")
