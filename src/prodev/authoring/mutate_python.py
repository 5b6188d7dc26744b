"""Mutants of Python, made by Cosmic Ray's operators and a few of our own.

Left out of Cosmic Ray's, because each repeats another's question or asks none:

- of the 132 replacements of one binary operator by another, all but one for each operator;
- of the 56 replacements of a comparison, all but its boundary (``<`` to ``<=``) and its opposite;
- unary ``+`` and ``~``, and the second of two ways to drop a minus;
- ``ExceptionReplacer``, which cannot read ``except (a.B, C)``: ours catches nothing, or one kind less;
- ``VariableReplacer`` and ``VariableInserter``: they draw at random, so no report would repeat.

Our own ask what Cosmic Ray does not: a statement gone, a call gone from a chain (``.distinct()``),
membership turned round, an error not caught, and SQL inside a string.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from cosmic_ray.ast import get_ast
from cosmic_ray.mutating import MutationVisitor
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator
from parso.python.tree import Keyword, Name

from prodev.authoring.mutant import Mutant

_BINARY = ("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Div", "Mod_FloorDiv", "Pow_Mul")
_BITWISE = ("BitOr_BitAnd", "BitAnd_BitOr", "BitXor_BitOr", "RShift_LShift", "LShift_RShift")
_COMPARISON = ("Eq_NotEq", "NotEq_Eq", "Lt_LtE", "Lt_GtE", "LtE_Lt", "LtE_Gt", "Gt_GtE", "Gt_LtE", "GtE_Gt", "GtE_Lt")
_IDENTITY = ("Is_IsNot", "IsNot_Is")
_UNARY = ("USub_UAdd", "Delete_Not")
_PLAIN = (
    *("AddNot", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd"),
    *("ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "NumberReplacer"),
    *("RemoveDecorator", "ZeroIterationForLoop"),
)
_SQL_TEXT = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\s", re.IGNORECASE)
_DROPPED = ("expr_stmt", "atom_expr", "raise_stmt", "return_stmt", "yield_expr", "del_stmt", "assert_stmt", "await")


class DropStatement(Operator):  # type: ignore[misc]
    """Put ``pass`` where a statement of a function stood."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        """Find what does something; a docstring does nothing."""
        if node.type == "simple_stmt" and node.children[0].type in _DROPPED and node.search_ancestor("funcdef"):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """Replace the statement."""
        assert index == 0
        first = node.get_first_leaf()
        node.children[0] = Keyword("pass", first.start_pos, prefix=first.prefix)
        return node

    @classmethod
    def examples(cls) -> tuple[()]:
        return ()


class DropCallInChain(Operator):  # type: ignore[misc]
    """Take one call out of a chain of several: ``query.filter(a).distinct()``."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        """Find each ``.name(…)`` of a chain that has two at least."""
        places = self._calls(node)
        if len(places) >= 2:
            yield from ((node.start_pos, node.end_pos) for _ in places)

    def mutate(self, node: Any, index: int) -> Any:
        """Remove the call from the chain."""
        place = self._calls(node)[index]
        del node.children[place : place + 2]
        return node

    @classmethod
    def examples(cls) -> tuple[()]:
        return ()

    @staticmethod
    def _calls(node: Any) -> list[int]:
        if node.type != "atom_expr":
            return []
        heads = [child.children[0].value if child.type == "trailer" else "" for child in node.children]
        return [n for n in range(1, len(heads) - 1) if heads[n] == "." and heads[n + 1] == "("]


class TurnMembership(Operator):  # type: ignore[misc]
    """Turn ``in`` into ``not in`` and back."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        """Find memberships in comparisons; the ``in`` of a loop is not one."""
        if node.type == "comparison":
            yield from ((child.start_pos, child.end_pos) for child in node.children[1::2] if self._is_one(child))

    def mutate(self, node: Any, index: int) -> Any:
        """Replace the operator."""
        child = [child for child in node.children[1::2] if self._is_one(child)][index]
        turned = "in" if child.type == "comp_op" else "not in"
        node.children[node.children.index(child)] = Keyword(turned, child.start_pos, prefix=" ")
        return node

    @classmethod
    def examples(cls) -> tuple[()]:
        return ()

    @staticmethod
    def _is_one(child: Any) -> bool:
        return " ".join(child.get_code().split()) in ("in", "not in")


class CatchLess(Operator):  # type: ignore[misc]
    """Let an ``except`` catch nothing, or one kind of error less."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        """Find the clauses that name what they catch."""
        if node.type == "except_clause":
            yield from ((node.start_pos, node.end_pos) for _ in self._fewer(node.children[1]))

    def mutate(self, node: Any, index: int) -> Any:
        """Replace what is named."""
        named = node.children[1]
        node.children[1] = Name(self._fewer(named)[index], named.start_pos, prefix=" ")
        return node

    @classmethod
    def examples(cls) -> tuple[()]:
        return ()

    @staticmethod
    def _fewer(named: Any) -> list[str]:
        several = named.type == "atom" and named.children[1].type == "testlist_comp"
        kinds = [kind.get_code().strip() for kind in named.children[1].children[::2]] if several else []
        return ["()", *(f"({', '.join(kinds[:n] + kinds[n + 1 :])},)" for n in range(len(kinds)))]


class MutateSql(Operator):  # type: ignore[misc]
    """Mutate the SQL that a string holds."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        """Find each mutant of each string that sqlglot reads and writes back unchanged."""
        if node.type == "string":
            yield from ((node.start_pos, node.end_pos) for _ in _sql_mutants(node.value))

    def mutate(self, node: Any, index: int) -> Any:
        """Replace the text of the string."""
        node.value = repr(_sql_mutants(node.value)[index])
        return node

    @classmethod
    def examples(cls) -> tuple[()]:
        return ()


@cache
def _sql_mutants(literal: str) -> list[str]:
    if literal[:1].lower() in ("f", "b") or literal[:2].lower() in ("rb", "br", "fr", "rf"):
        return []
    text = ast.literal_eval(literal)
    if not _SQL_TEXT.match(text):
        return []
    from prodev.authoring.mutate_sql import mutants_in_string

    return mutants_in_string(text)


@cache
def _operators() -> tuple[tuple[str, Any], ...]:
    names = [f"ReplaceBinaryOperator_{name}" for name in (*_BINARY, *_BITWISE)]
    names += [f"ReplaceComparisonOperator_{name}" for name in (*_COMPARISON, *_IDENTITY)]
    names += [f"ReplaceUnaryOperator_{name}" for name in _UNARY] + [*_PLAIN]
    ours = [(each.__name__, each()) for each in (DropStatement, DropCallInChain, TurnMembership, CatchLess, MutateSql)]
    return (*((name, get_operator(f"core/{name}")()) for name in names), *ours)


def mutants_of_python(file: str, source: str) -> Iterator[Mutant]:
    """Yield every mutant of ``source`` that still compiles and differs in more than annotations and docstrings."""
    seen = {_meaning(source)}
    for name, operator in _operators():
        for occurrence, scope in enumerate(_scopes(source, operator)):
            mutated = MutationVisitor.mutate_code(source, operator, occurrence)
            try:
                meaning = _meaning(mutated)
            except SyntaxError:
                continue
            if meaning not in seen:
                seen.add(meaning)
                yield Mutant(file, name, scope, source, mutated)


def _scopes(source: str, operator: Any) -> list[str]:
    """The function around each place that ``operator`` can change, in the order of ``MutationVisitor``."""
    found: list[str] = []
    waiting = [get_ast(source)]
    while waiting:
        node = waiting.pop()
        found += [_scope(node) for _ in operator.mutation_positions(node)]
        waiting += reversed(getattr(node, "children", []))
    return found


def _scope(node: Any) -> str:
    names = []
    while (node := node.search_ancestor("funcdef", "classdef")) is not None:
        names.append(node.name.value)
    return ".".join(reversed(names))


def _meaning(source: str) -> str:
    """What Python makes of ``source``, without annotations and docstrings: no suite can tell those apart."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
        if isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
        body = getattr(node, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
        ):
            body[:] = body[1:] or [ast.Pass()]
    return ast.dump(tree)
