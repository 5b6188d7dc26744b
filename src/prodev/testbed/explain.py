"""The shape of a message that a failing test shows to a learner."""

from __future__ import annotations

_ENDINGS = (".", "!", "?", ":", "…", "。")
_CLOSERS = "\"'”’»)]`*"


def explain(*, did: str, saw: str, why: str, look: str) -> str:
    """Join what we did, what we saw, why it matters and where to look, one line each.

    White space inside a part is collapsed, so that triple-quoted text may be passed as it stands,
    and each part ends as a sentence does.
    """
    return "\n".join(_sentence(part) for part in (did, saw, why, look) if part.strip())


def _sentence(part: str) -> str:
    """Return ``part`` on one line, ended by a mark."""
    line = " ".join(part.split())
    if line.rstrip(_CLOSERS).endswith(_ENDINGS):
        return line
    return line + "."
