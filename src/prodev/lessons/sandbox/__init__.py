"""What a lesson's cells stand on, so that they can be short: databases to throw away, small tables, pictures.

    from prodev.lessons import sandbox

    db = sandbox.postgres("marketplace.sql")
    db.sql("SELECT city, count(*) FROM listing GROUP BY city ORDER BY city")

What is shown is the same on every machine and every engine, or begins with the word "about".
A name is loaded when it is first asked for, so that a lesson without a server needs no driver.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prodev.lessons.sandbox.django_project import django
    from prodev.lessons.sandbox.memory import peak
    from prodev.lessons.sandbox.pictures import BLUE, GREEN, GREY, INK, ORANGE, picture
    from prodev.lessons.sandbox.postgres_database import postgres
    from prodev.lessons.sandbox.sqlite_database import sqlite
    from prodev.lessons.sandbox.tables import about, table

_HOMES = {
    "BLUE": "pictures",
    "GREEN": "pictures",
    "GREY": "pictures",
    "INK": "pictures",
    "ORANGE": "pictures",
    "about": "tables",
    "django": "django_project",
    "peak": "memory",
    "picture": "pictures",
    "postgres": "postgres_database",
    "sqlite": "sqlite_database",
    "table": "tables",
}

__all__ = [
    "BLUE",
    "GREEN",
    "GREY",
    "INK",
    "ORANGE",
    "about",
    "django",
    "peak",
    "picture",
    "postgres",
    "sqlite",
    "table",
]


def __getattr__(name: str) -> Any:
    """Load ``name`` from the module that defines it."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(__all__)
