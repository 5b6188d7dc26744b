"""What a suite gives to the candidate: plain data, or the suite is told."""

from __future__ import annotations

from typing import Any

from prodev.errors import Unavailable
from prodev.grading.wire import Opaque, encode


class NotPlain(Unavailable):
    """A suite gave the candidate something that cannot travel: its author's mistake, so nothing could be graded."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"The suite gives the candidate {text}, which is not plain data.",
            remedy="Give it as a list, or build it in probes.py.",
        )


def encode_given(value: Any) -> Any:
    """Encode ``value`` for the candidate.

    Raises NotPlain for what would arrive there as an Opaque, such as a range or a generator. An Opaque itself, which
    came from the candidate, may go back. A range does not travel: one that came back could name more numbers than
    the suite can hold.
    """
    stray = _stray(value)
    if stray is not None:
        raise NotPlain(stray)
    return encode(value)


def _stray(value: Any) -> str | None:
    """The beginning of the first part of ``value`` that is not plain data."""
    if isinstance(value, Opaque):
        return None
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list | tuple | set | frozenset):
        return next((found for found in map(_stray, value) if found is not None), None)
    data = encode(value)
    return str(data["text"]) if isinstance(data, dict) and data.get("$") == "opaque" else None
