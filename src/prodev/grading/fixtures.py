"""The fixtures of every suite, graded or in a debugger."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from prodev.grading.candidate import Candidate
from prodev.grading.sitting import SITTING


@pytest.fixture
def candidate(request: pytest.FixtureRequest) -> Iterator[Candidate]:
    """The code under test; no test finds what another left in it."""
    candidate = request.config.stash[SITTING](request.node).candidate()
    yield candidate
    candidate.fresh()


@pytest.fixture(scope="module")
def database(request: pytest.FixtureRequest) -> Any:
    """A database of this run's own; see ``prodev.testbed.Database``."""
    return request.config.stash[SITTING](request.node).database()


@pytest.fixture(scope="module")
def mysql(request: pytest.FixtureRequest) -> Any:
    """A ``prodev.testbed.MySqlDatabase`` of this run's own; None where no MySQL or MariaDB answers."""
    return request.config.stash[SITTING](request.node).mysql()


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> random.Random:
    """Draws the inputs that the candidate must not foresee; the report's seed repeats them."""
    seed = request.config.stash[SITTING](request.node).seed
    return random.Random(f"{seed}:{request.node.name}")


@pytest.fixture(scope="module")
def draw(request: pytest.FixtureRequest) -> Callable[[str], random.Random]:
    """Draws by name, for inputs that several tests share: the same name draws the same in every test."""
    seed = request.config.stash[SITTING](request.node).seed
    return lambda name: random.Random(f"{seed}:{name}")


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A scripted HTTP server on loopback; see ``prodev.testbed.ScriptedServer``."""
    from prodev.testbed import ScriptedServer

    with ScriptedServer(request.config.stash[SITTING](request.node).listener()) as server:
        yield server
