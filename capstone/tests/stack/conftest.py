"""One stack for all of it, in whichever settings a test asks for; without an engine, nothing but the reason."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.stack.composed import Stack, engine_is_missing
from tests.stack.guest import Guest


@pytest.fixture(scope="session")
def composed() -> Iterator[Stack]:
    """What is taken away in the end, however far it came."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        pytest.fail("There is one stack for all of its tests: run them with -n0.")
    if missing := engine_is_missing():
        pytest.skip(missing)
    stack = Stack()
    try:
        yield stack
    finally:
        stack.down()


@pytest.fixture(scope="session", params=["production"])
def stack(request, composed) -> Stack:
    """The whole of it, every service healthy: in ``development``, in ``production``, or there ``over redis``."""
    broker = "redis" if request.param == "over redis" else "rabbitmq"
    took = composed.up(production=request.param != "development", broker=broker)
    print(f"\nThe stack in {request.param} is up after {took:.0f} s.")
    return composed


@pytest.fixture
def guest(stack) -> Iterator[Guest]:
    """Somebody new at the site."""
    somebody = Guest(stack)
    yield somebody
    somebody.http.close()
