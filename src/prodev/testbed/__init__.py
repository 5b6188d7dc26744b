"""Trusted surroundings that graded suites run a candidate in.

    from prodev.testbed import explain

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
from typing import Any

# Eager, because the module and the function share a name: a later import of the module would hide the function.
from prodev.testbed.explain import explain

_HOMES: dict[str, str] = {}

__all__ = ["explain"]


def __getattr__(name: str) -> Any:
    """Load ``name`` from the module that defines it."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(__all__)
