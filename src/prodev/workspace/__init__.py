"""The learner's side: a folder of their own, what they did in it, and what comes next."""

from __future__ import annotations

from prodev.workspace.place import MARKER, NoWorkspace, Workspace, find, locate, remember
from prodev.workspace.progress import Attempt, NotRecorded, Progress, ProgressFile, Reading

__all__ = [
    "MARKER",
    "Attempt",
    "NoWorkspace",
    "NotRecorded",
    "Progress",
    "ProgressFile",
    "Reading",
    "Workspace",
    "find",
    "locate",
    "remember",
]
