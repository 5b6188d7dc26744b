"""``cohort.toml``: who is in a cohort, where their work is, and when it was due."""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import msgspec

from prodev.cohort.late import Late
from prodev.course import CourseError
from prodev.errors import ProDevError

NAME = "cohort.toml"


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One ``[[submission]]``: a ``path`` (a folder or a zip, as it lies there) or a git ``repository``.

    ``commit`` is a commit or a branch of the repository, by default what its HEAD names. ``deadline`` replaces
    the cohort's, and ``at`` replaces the time that a commit or a zip carries.
    """

    name: str
    path: str = ""
    repository: str = ""
    commit: str = ""
    deadline: datetime | None = None
    at: datetime | None = None


class Roster(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. ``exercises`` names those to grade, by default those that anybody handed in."""

    title: str = ""
    deadline: datetime | None = None
    late: Late | None = None
    exercises: tuple[str, ...] = ()
    submission: tuple[Entry, ...] = ()


def read_roster(path: Path) -> Roster:
    """Read ``path``. Raises ProDevError for a file that says what is not known, or not enough."""
    try:
        with path.open("rb") as stream:
            data = tomllib.load(stream, parse_float=Decimal)
        roster = msgspec.convert(data, Roster)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise CourseError(f"{path}: {error}.", remedy="docs/mentor/ lists every key of cohort.toml.") from error
    _refuse_contradictions(path, roster)
    return roster


def _refuse_contradictions(path: Path, roster: Roster) -> None:
    count = Counter(entry.name.casefold() for entry in roster.submission)
    for entry in roster.submission:
        if count[entry.name.casefold()] > 1:
            raise ProDevError(f"{path}: two submissions are called '{entry.name}'.", remedy="Rename one of them.")
        if not entry.name or not entry.name.isprintable() or len(entry.name) > 100:
            raise ProDevError(f"{path}: {entry.name!r} is no name.", remedy="Use 1 to 100 printable characters.")
        if bool(entry.path) == bool(entry.repository):
            raise ProDevError(
                f"{path}: '{entry.name}' has {'both' if entry.path else 'neither'} of path and repository.",
                remedy="Give one of them.",
            )
        if entry.commit and not entry.repository:
            raise ProDevError(f"{path}: '{entry.name}' has a commit and no repository.", remedy="Give the repository.")
    for time in (roster.deadline, *(t for entry in roster.submission for t in (entry.deadline, entry.at))):
        if time is not None and time.tzinfo is None:
            raise ProDevError(
                f"{path}: {time.isoformat()} has no offset, so it is not known when that is.",
                remedy=f"Write {time.isoformat()}+00:00, or your own offset.",
            )
