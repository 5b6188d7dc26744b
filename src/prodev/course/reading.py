"""TOML to a typed record, with errors an author can act on."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

from prodev.errors import ProDevError

SLUG = re.compile(r"[a-z][a-z0-9-]{1,31}")

Record = TypeVar("Record")


class CourseError(ProDevError):
    """The course data is broken, or a name in it does not resolve."""


def read_toml(path: Path, record: type[Record]) -> Record:
    """Read ``path`` into ``record``; every key must be known and of its type.

    Raises CourseError for a missing file, broken TOML, an unknown key or a wrong type.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{path} cannot be read: {error}.") from error
    try:
        return msgspec.convert(tomllib.loads(text), record)
    except tomllib.TOMLDecodeError as error:
        raise CourseError(
            f"{path} is not valid TOML: {error}.", remedy=f"Open {path} at that line and mend it."
        ) from error
    except msgspec.ValidationError as error:
        raise CourseError(f"{path}: {error}.", remedy=_remedy(str(error), record)) from error


def _remedy(message: str, record: type) -> str:
    unknown = re.search(r"unknown field `(.+?)`", message)
    if unknown is None:
        return "Mend that value; CONTRIBUTING.md lists every key and its type."
    known = _field_names(record)
    close = difflib.get_close_matches(unknown[1], known, n=1)
    if close:
        return f"Did you mean '{close[0]}'?"
    return f"Known keys: {', '.join(sorted(known))}."


def _field_names(record: type) -> set[str]:
    names: set[str] = set()
    waiting: list[object] = [msgspec.inspect.type_info(record)]
    while waiting:
        info = waiting.pop()
        if isinstance(info, msgspec.inspect.StructType):
            names.update(field.encode_name for field in info.fields)
            waiting.extend(field.type for field in info.fields)
        elif isinstance(info, msgspec.inspect.ListType | msgspec.inspect.VarTupleType):
            waiting.append(info.item_type)
        elif isinstance(info, msgspec.inspect.DictType):
            waiting.append(info.value_type)
    return names


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that a typist most likely meant, if one is close, in whole or as far as it was typed."""
    known = list(known)
    whole = difflib.get_close_matches(name, known, n=1, cutoff=0.55)
    beginnings = {each[: len(name)]: each for each in reversed(known)}
    begun = [beginnings[each] for each in difflib.get_close_matches(name, list(beginnings), n=1, cutoff=0.7)]
    return next(iter([*whole, *begun]), None)
