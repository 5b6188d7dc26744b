"""What is sent, checked before it meets a service: GraphQL's types say what kind a value is, not what it may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model

from staybook.common.errors import Invalid


def invalid(**fields: str) -> Invalid:
    """What is wrong, by input."""
    return Invalid("Some fields are not right.", fields=fields)


def demand_between(least: int, most: int, **numbers: int | None) -> None:
    """Raises Invalid."""
    given = {name: value for name, value in numbers.items() if value is not None}
    if wrong := {name: f"{least} to {most}." for name, value in given.items() if not least <= value <= most}:
        raise invalid(**wrong)


def demand_text(most: int, **texts: str | None) -> None:
    """Raises Invalid for what is too long, and for what no column holds: NUL, and halves of surrogate pairs."""
    wrong: dict[str, str] = {}
    for name, text in texts.items():
        if text and len(text) > most:
            wrong[name] = f"At most {most} characters."
        elif text and ("\x00" in text or any("\ud800" <= char <= "\udfff" for char in text)):
            wrong[name] = "This is not text."
    if wrong:
        raise invalid(**wrong)


def demand_columns(model: type[Model], columns: Mapping[str, Any]) -> None:
    """Raises Invalid for values that the columns of ``model`` cannot have."""
    wrong: dict[str, str] = {}
    for name, value in columns.items():
        field = model._meta.get_field(name)
        if isinstance(value, str):
            demand_text(getattr(field, "max_length", None) or 10_000, **{name: value})
        try:
            field.clean(value, None)  # type: ignore[union-attr]
        except ValidationError as error:
            wrong[name] = " ".join(error.messages)
    if wrong:
        raise invalid(**wrong)
