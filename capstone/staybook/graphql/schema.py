"""The schema: types, limits, and what is not asked of strawberry: batches, and logs of its own."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from staybook.graphql.limits import Limits
from staybook.graphql.mutations import Mutation
from staybook.graphql.queries import Query
from staybook.graphql.scalars import SCALARS


class KnownCaller(SchemaExtension):
    """Reads the caller's account after the limits let the request through, and says whether a mutation was replayed."""

    def on_execute(self) -> Iterator[None]:
        _ = self.execution_context.context.user
        yield

    def get_results(self) -> dict[str, Any]:
        return {"replayed": True} if self.execution_context.context.was_replayed else {}


class _Schema(strawberry.Schema):
    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Log nothing here: ``graphql.errors`` logs what nobody expected, and that once."""


def _describe(schema: _Schema) -> None:
    """Show our docstrings to whoever explores the schema."""
    for each in schema._schema.type_map.values():
        definition = each.extensions.get("strawberry-definition")
        _describe_by(each, getattr(definition, "origin", None) or getattr(definition, "wrapped_cls", None))
        for field in getattr(each, "fields", {}).values():
            resolver = getattr(field.extensions.get("strawberry-definition"), "base_resolver", None)
            _describe_by(field, getattr(resolver, "wrapped_func", None))


def _describe_by(shown: Any, source: Any) -> None:
    if not shown.description and source is not None and source.__doc__:
        shown.description = inspect.cleandoc(source.__doc__).replace("``", "`")


schema = _Schema(
    query=Query,
    mutation=Mutation,
    extensions=[Limits, KnownCaller],
    config=StrawberryConfig(scalar_map=SCALARS, batching_config=None),
)
_describe(schema)
