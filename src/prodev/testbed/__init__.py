"""Trusted surroundings that graded suites run a candidate in.

    from prodev.testbed import Database, explain, find_engine

    engine = find_engine(os.environ)
    template = engine.template("listing-search", (here / "schema.sql").read_text())
    lease = engine.lease(template)
    with Database(lease, engine=engine) as database:
        database.load({"listing": [{"id": 1, "title": "Cabin"}]})
        assert database.run(candidate.text("search.sql"), wanted="Cabin").rows == [(1,)]
        assert database.explain(candidate.text("search.sql"), wanted="Cabin").scans("listing") == ["Index Scan"]
    engine.release(lease)

    assert sent == 1, explain(
        did="I sent the same webhook twice",
        saw=f"{sent} confirmation e-mails went out",
        why="Brokers deliver at least once, so a handler must be able to run again",
        look="See lesson 'At least once', section 3",
    )

Every other public name is loaded when it is first asked for, so that importing the room costs nothing.
"""

from __future__ import annotations

from importlib import import_module

# Eager, because the module and the function share a name: a later import of the module would hide the function.
from prodev.testbed.explain import explain

TYPE_CHECKING = False  # importing typing would cost more than everything else here
if TYPE_CHECKING:
    from prodev.testbed.answer import Result
    from prodev.testbed.asking import Asking
    from prodev.testbed.database import Database
    from prodev.testbed.engine import Engine
    from prodev.testbed.leases import Lease
    from prodev.testbed.mysql_database import MySqlDatabase
    from prodev.testbed.plan import Plan
    from prodev.testbed.postgres import find_engine
    from prodev.testbed.querylog import QueryLog
    from prodev.testbed.refused import SqlRefused
    from prodev.testbed.tap import Tap
    from prodev.testbed.templates import Template
    from prodev.testbed.turnover import Turnover
    from prodev.testbed.unavailable import Unavailable
    from prodev.testbed.web import Request, ScriptedServer, dead_port

_HOMES = {
    "Asking": "prodev.testbed.asking",
    "Database": "prodev.testbed.database",
    "Engine": "prodev.testbed.engine",
    "Lease": "prodev.testbed.leases",
    "MySqlDatabase": "prodev.testbed.mysql_database",
    "Plan": "prodev.testbed.plan",
    "QueryLog": "prodev.testbed.querylog",
    "Request": "prodev.testbed.web",
    "Result": "prodev.testbed.answer",
    "ScriptedServer": "prodev.testbed.web",
    "SqlRefused": "prodev.testbed.refused",
    "Tap": "prodev.testbed.tap",
    "Template": "prodev.testbed.templates",
    "Turnover": "prodev.testbed.turnover",
    "Unavailable": "prodev.testbed.unavailable",
    "dead_port": "prodev.testbed.web",
    "find_engine": "prodev.testbed.postgres",
}

__all__ = [
    "Asking",
    "Database",
    "Engine",
    "Lease",
    "MySqlDatabase",
    "Plan",
    "QueryLog",
    "Request",
    "Result",
    "ScriptedServer",
    "SqlRefused",
    "Tap",
    "Template",
    "Turnover",
    "Unavailable",
    "dead_port",
    "explain",
    "find_engine",
]


def __getattr__(name: str) -> object:
    """Load ``name`` from the module that defines it."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(__all__)
