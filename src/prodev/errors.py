"""The one base class of every error that ProDev raises on purpose."""

from __future__ import annotations


class ProDevError(Exception):
    """Say what was found, what was expected, and what to type next.

    ``remedy`` is the last of the three, a sentence or a command of its own, so that a face
    can set it apart; ``str()`` is the whole message.
    """

    def __init__(self, problem: str, *, remedy: str = "") -> None:
        super().__init__(f"{problem}\n{remedy}" if remedy else problem)
        self.problem = problem
        self.remedy = remedy


class Unavailable(ProDevError):
    """A service or a tool cannot be had on this machine: what rests on it could not be graded."""
