"""Pages for clients: ``{"results": [...], "next": "<cursor>" | null}``.

A cursor is the place where the last page ended, signed: what we did not write is refused, so nobody builds one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar

from django.db.models import Model, QuerySet
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request

from staybook.common import keyset as place
from staybook.common.cursors import read_cursor, write_cursor
from staybook.common.errors import Invalid

__all__ = ["LIMIT", "MOST", "PARAMETERS", "Window", "keyset", "paged", "read_cursor", "window", "write_cursor"]

M = TypeVar("M", bound=Model)
Row = TypeVar("Row")

LIMIT, MOST = 20, 100
PARAMETERS = [
    OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT}),
    OpenApiParameter("cursor", {"type": "string", "maxLength": 400}, description="`next` of the page before."),
]
"""For ``extend_schema(parameters=...)`` of views that answer with pages."""


class Window(NamedTuple):
    """Which page is asked for."""

    limit: int
    cursor: str | None


def window(request: Request) -> Window:
    """What the query string says. Raises Invalid for a limit that is no number from 1 to 100."""
    text = request.query_params.get("limit", str(LIMIT))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST and len(text) < 10):
        raise Invalid("Some fields are not right.", fields={"limit": f"A whole number from 1 to {MOST}."})
    return Window(int(text), request.query_params.get("cursor") or None)


def keyset(
    rows: QuerySet[M, Row],
    *,
    order: Sequence[str],
    asked: Window,
    show: Callable[[Row], Any],
) -> dict[str, Any]:
    """One page of ``rows`` (instances, or dicts by ``values()``), each as ``show`` gives it, and where the next begins.

    One statement. Raises Invalid for a cursor that is not ours, or of another order; ValueError as ``keyset.after``.
    """
    position = read_cursor(asked.cursor, order=order)
    found = list(place.after(rows, order, position)[: asked.limit + 1])
    shown = found[: asked.limit]
    names = [name.removeprefix("-") for name in order]
    rest = [_value(shown[-1], name) for name in names] if len(found) > asked.limit else None
    return {"results": [show(row) for row in shown], "next": write_cursor(rest, order=order)}


@cache
def paged(item: type[serializers.BaseSerializer[Any]]) -> serializers.BaseSerializer[Any]:
    """A page of such items, for OpenAPI."""
    return inline_serializer(
        f"{item.__name__.removesuffix('Serializer')}Page",
        {
            "results": item(many=True),
            "next": serializers.CharField(allow_null=True, help_text="Pass it as `cursor`; null on the last page."),
        },
    )


def _value(row: Any, name: str) -> Any:
    return row[name] if isinstance(row, dict) else getattr(row, name)
