"""Functions of a test's that the candidate's code calls, and that never leave the trusted side."""

from __future__ import annotations

import builtins
import inspect
from collections.abc import Callable
from typing import Any

from prodev.grading.wire import Remote, decode, encode


class Foreign(Exception):
    """Raise it in such a function to raise one of the candidate's own: ``Foreign("retry:Declined", "…")``."""

    def __init__(self, target: str, message: str = "") -> None:
        super().__init__(target, message)
        self.target = target
        self.message = message


class Functions:
    """The functions that go along with one request."""

    def __init__(self) -> None:
        self._functions: list[Callable[..., Any]] = []

    def __bool__(self) -> bool:
        return bool(self._functions)

    def stand_in(self, value: Any) -> Any:
        """Replace a function by its number; leave anything else as it is."""
        if not inspect.isroutine(value):
            return value
        self._functions.append(value)
        return Remote(len(self._functions) - 1, inspect.iscoroutinefunction(value))

    def answer(self, number: int, args: Any, kwargs: Any) -> dict[str, Any]:
        """Call the function on this side, in plain data both ways."""
        function = self._functions[number]
        try:
            value = function(*decode(args), **decode(kwargs))
            if inspect.iscoroutine(value):
                import asyncio

                value = asyncio.run(value)
            return {"value": encode(value)}
        except Foreign as error:
            return {"raise": [error.target, error.message]}
        except Exception as error:
            name = type(error).__name__ if hasattr(builtins, type(error).__name__) else "RuntimeError"
            return {"raise": [f"builtins:{name}", str(error)]}
