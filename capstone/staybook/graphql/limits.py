"""What a request may ask for at most: tokens, depth, aliases, and cost, counted before a statement is sent.

The idea of the cost map is Saleor's (saleor/graphql/core/validators/query_cost.py, saleor/graphql/query_cost_map.py):
each field has a cost, and a list multiplies the cost of what is below it by its page. Ours are counted in one pass that
weighs each fragment once. strawberry's QueryDepthLimiter and MaxAliasesLimiter weigh a fragment again at each of its
spreads, so that 30 fragments which spread the next one twice are 2**30 steps of 300 tokens.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, reduce
from math import ceil
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_operation_ast,
)
from strawberry.extensions import SchemaExtension

from staybook.common.errors import Invalid
from staybook.graphql import prices

TOKENS, DEPTH, ALIASES, COST = 1000, 8, 15, 16_000


@dataclass(frozen=True, slots=True)
class Weight:
    """What a part of a document asks for; parts side by side are added."""

    depth: int = 0
    aliases: int = 0
    cost: int | Fraction = 0

    def __add__(self, other: Weight) -> Weight:
        return Weight(max(self.depth, other.depth), self.aliases + other.aliases, self.cost + other.cost)


class Limits(SchemaExtension):
    """Refuses what asks for too much, and tells the cost of what it lets through."""

    _cost: int | Fraction = 0

    def on_operation(self) -> Iterator[None]:
        self.execution_context.parse_options["max_tokens"] = TOKENS
        yield

    def on_validate(self) -> Iterator[None]:
        asked = self.execution_context
        document = asked.graphql_document
        assert document is not None, "it was parsed"
        if asked._provided_operation_name is None and _operations_in(document) > 1:
            asked.pre_execution_errors = [GraphQLError("The document has several operations: name one.")]
        else:
            weight = weigh(asked.schema._schema, document, asked.operation_name, asked.variables or {})
            self._cost = weight.cost
            if refusal := _refusal_of(weight):
                asked.pre_execution_errors = [GraphQLError(refusal.detail, original_error=refusal)]
        yield

    def get_results(self) -> dict[str, Any]:
        return {"cost": {"asked": self._cost, "most": COST}}


def weigh(schema: GraphQLSchema, document: DocumentNode, operation: str | None, variables: dict[str, Any]) -> Weight:
    """What the operation of this name asks for. The document need not be valid: what is unknown weighs as a leaf."""
    chosen = get_operation_ast(document, operation)
    if chosen is None:  # two of one name, which validation refuses
        return Weight()
    defaults = {
        each.variable.name.value: int(each.default_value.value)
        for each in chosen.variable_definitions or ()
        if isinstance(each.default_value, IntValueNode)
    }
    scales = _Scales(schema, document, defaults | variables)
    weight = scales.weigh_all(chosen.selection_set, schema.get_root_type(chosen.operation))
    return replace(weight, cost=ceil(weight.cost))


def _operations_in(document: DocumentNode) -> int:
    return sum(isinstance(each, OperationDefinitionNode) for each in document.definitions)


def _refusal_of(weight: Weight) -> Invalid | None:
    if weight.depth > DEPTH:
        return Invalid(f"The query has {weight.depth} levels; {DEPTH} are allowed.", code="query_too_deep")
    if weight.aliases > ALIASES:
        return Invalid(f"The query has {weight.aliases} aliases; {ALIASES} are allowed.", code="too_many_aliases")
    if weight.cost > COST:
        return Invalid(
            f"The query costs {weight.cost}; {COST} are allowed. Ask for fewer rows, or for fewer fields of each.",
            code="query_too_costly",
        )
    return None


class _Scales:
    """Weighs selections of one document; a fragment is weighed once, and one inside itself as nothing."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, variables: dict[str, Any]) -> None:
        self.schema = schema
        self.variables = variables
        self.weighed: dict[str, Weight] = {}
        self.fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }

    @cached_property
    def lengths(self) -> dict[tuple[str, str], int | Fraction]:
        return prices.lengths_of(self.schema)

    def weigh_all(self, selections: SelectionSetNode | None, parent: GraphQLNamedType | None) -> Weight:
        each = (self._weigh(node, parent) for node in selections.selections) if selections else ()
        return reduce(Weight.__add__, each, Weight())

    def _weigh(self, node: SelectionNode, parent: GraphQLNamedType | None) -> Weight:
        if isinstance(node, FieldNode):
            return self._weigh_field(node, parent)
        if isinstance(node, FragmentSpreadNode):
            return self._weigh_fragment(node.name.value)
        assert isinstance(node, InlineFragmentNode)
        condition = node.type_condition
        return self.weigh_all(
            node.selection_set, self.schema.type_map.get(condition.name.value) if condition else parent
        )

    def _weigh_fragment(self, name: str) -> Weight:
        if name not in self.weighed:
            self.weighed[name] = Weight()
            found = self.fragments.get(name)
            if found is not None:
                condition = self.schema.type_map.get(found.type_condition.name.value)
                self.weighed[name] = self.weigh_all(found.selection_set, condition)
        return self.weighed[name]

    def _weigh_field(self, node: FieldNode, parent: GraphQLNamedType | None) -> Weight:
        name = node.name.value
        field = self.schema.get_field(parent, name) if isinstance(parent, GraphQLObjectType) else None
        below = self.weigh_all(node.selection_set, get_named_type(field.type) if field else None)
        place = (parent.name if parent else "", name)
        cost = prices.PRICES.get(place, 1) + self._length(node, field, place) * below.cost
        depth = 0 if name in ("__schema", "__type") else 1 + below.depth  # graphql-core bounds those itself
        return Weight(depth, below.aliases + (node.alias is not None), cost)

    def _length(self, node: FieldNode, field: GraphQLField | None, place: tuple[str, str]) -> int | Fraction:
        """How many there may be of a field's value: its page, or the most there can be."""
        if field is None or "limit" not in field.args:
            return self.lengths.get(place, 1)
        given = next((each.value for each in node.arguments or () if each.name.value == "limit"), None)
        if isinstance(given, VariableNode):
            size = self.variables.get(given.name.value, field.args["limit"].default_value)
        elif isinstance(given, IntValueNode):
            size = int(given.value)
        else:
            size = field.args["limit"].default_value
        most = prices.MOST_ROWS
        return min(max(size, 1), most) if isinstance(size, int) else most
