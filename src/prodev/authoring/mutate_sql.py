"""Mutants of SQL: sqlglot reads a statement as Postgres does, one node is changed, and it is written again.

A statement that sqlglot cannot read is mutated by a few replacements of text, and reported.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator

import sqlglot
from sqlglot import exp

from prodev.authoring.mutant import Mutant

Edit = Callable[[], object]
"""Change the tree in place."""

_SWAPS: dict[type[exp.Expr], tuple[type[exp.Expr], ...]] = {
    exp.EQ: (exp.NEQ,),
    exp.NEQ: (exp.EQ,),
    exp.LT: (exp.LTE, exp.GTE),
    exp.LTE: (exp.LT, exp.GT),
    exp.GT: (exp.GTE, exp.LTE),
    exp.GTE: (exp.GT, exp.LT),
    exp.And: (exp.Or,),
    exp.Or: (exp.And,),
    exp.Add: (exp.Sub,),
    exp.Sub: (exp.Add,),
    exp.Mul: (exp.Div,),
    exp.Div: (exp.Mul,),
    exp.Sum: (exp.Avg,),
    exp.Avg: (exp.Sum,),
    exp.Min: (exp.Max,),
    exp.Max: (exp.Min,),
}
_CONSTRAINTS = (
    *(exp.ColumnConstraint, exp.Constraint, exp.UniqueColumnConstraint, exp.CheckColumnConstraint),
    *(exp.PrimaryKey, exp.ForeignKey, exp.ExcludeColumnConstraint),
)
_TEXT = (
    ("closed range", r"'\[\)'", "'[]'"),
    ("no NOT NULL", r"\s+NOT\s+NULL\b", ""),
    ("no UNIQUE", r"\bUNIQUE\s+(?!\()", ""),
    ("equality for overlap", r"WITH\s+&&", "WITH ="),
    ("no WHERE", r"\bWHERE\b[^;]*", ""),
    ("boundary", r"(?<![<>=!|&-])<(?![<>=@-])", "<="),
    ("boundary", r"(?<![<>=!|&-])>(?![<>=@-])", ">="),
    ("no FOR UPDATE", r"\bFOR\s+(NO\s+KEY\s+)?UPDATE\b", ""),
    ("descending", r"\bDESC\b", "ASC"),
)


def mutants_of_sql(file: str, source: str, *, given: str = "") -> tuple[list[Mutant], list[str]]:
    """Every mutant of each statement in ``source``, and a remark for each statement that is mutated as text only.

    ``before`` is the file with that statement as sqlglot writes it, so that the diff shows one change.
    Lines that ``given`` (the starter) already has, however it breaks them, are left alone.
    """
    mutants: list[Mutant] = []
    remarks: list[str] = []
    pieces = _pieces(source)
    old = _lines_of(given)
    for start, end in pieces:
        statement = source[start:end]
        tree = _read(statement)
        if tree is None:
            remarks.append(f"{file}: sqlglot does not read '{' '.join(statement.split())[:60]}'; mutated as text.")
        before = statement if tree is None else _write(tree, like=statement)
        changes = list(_text_mutants(statement) if tree is None else _tree_mutants(tree, like=statement))
        if len(pieces) > 1:
            changes.append(("no statement", ""))
        for operator, after in {after: (name, after) for name, after in reversed(changes)}.values():
            texts = (source[:start] + text + source[end:] for text in (before, after))
            mutant = Mutant(file, operator, _scope(statement), *texts)
            if not {line.rstrip(",") for line in mutant.change[0]} <= old:
                mutants.append(mutant)
    return mutants, remarks


def _lines_of(source: str) -> set[str]:
    """The lines of every statement, each as sqlglot breaks it and as it stands."""
    statements = [source[start:end] for start, end in _pieces(source)]
    trees = [(_read(statement), statement) for statement in statements]
    written = [statement if tree is None else _write(tree, like=statement) for tree, statement in trees]
    return {line.strip().rstrip(",") for text in written for line in text.splitlines()}


def mutants_in_string(text: str) -> list[str]:
    """Mutants of the one statement in ``text``, when sqlglot writes back the very words that it read."""
    tree = _read(text)
    if tree is None or _words(_write(tree, like=text)) != _words(text):
        return []
    return list(dict.fromkeys(" ".join(after.split()) for _, after in _tree_mutants(tree, like=text)))


def _pieces(source: str) -> list[tuple[int, int]]:
    """Where each statement begins and ends, its semicolon left out."""
    pieces, start, end = [], None, 0
    for token in sqlglot.tokenize(source, read="postgres"):
        if token.token_type is not sqlglot.TokenType.SEMICOLON:
            start = token.start if start is None else start
            end = token.end + 1
        elif start is not None:
            pieces.append((start, end))
            start = None
    return pieces if start is None else [*pieces, (start, end)]


def _read(statement: str) -> exp.Expr | None:
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    try:
        tree = sqlglot.parse_one(statement, read="postgres")
    except sqlglot.errors.SqlglotError:
        return None
    return None if isinstance(tree, exp.Command) else tree


def _write(tree: exp.Expr, *, like: str) -> str:
    """``tree`` as SQL, its parameters written as they are in the statement ``like``: ``:name`` or ``%(name)s``."""
    text = tree.sql(dialect="postgres", pretty=True)
    return text if "%(" in like else re.sub(r"%\((\w+)\)s", r":\1", text)


def _words(text: str) -> list[str]:
    words = [token.text.upper() for token in sqlglot.tokenize(text, read="postgres")]
    return [word for word in words if word not in ("AS", ";")]


def _scope(statement: str) -> str:
    return " ".join(re.findall(r"\w+", statement)[:3]).lower()


def _text_mutants(statement: str) -> Iterator[tuple[str, str]]:
    for name, pattern, replacement in _TEXT:
        for found in re.finditer(pattern, statement, re.IGNORECASE):
            yield name, statement[: found.start()] + replacement + statement[found.end() :]


def _tree_mutants(tree: exp.Expr, *, like: str) -> Iterator[tuple[str, str]]:
    """Each node in turn, each of its edits in turn, on a copy of the tree."""
    before = _write(tree, like=like)
    for place, node in enumerate(tree.walk()):
        for number, (name, _) in enumerate(_edits(node)):
            copy = tree.copy()
            twin = list(copy.walk())[place]
            list(_edits(twin))[number][1]()
            after = _write(copy, like=like)
            if after != before:
                yield name, after


def _edits(node: exp.Expr) -> Iterator[tuple[str, Edit]]:
    """What may be changed about one node; nothing happens before the edit is called."""
    for other in _SWAPS.get(type(node), ()):
        yield f"{node.key} to {other.key}", lambda other=other: node.replace(other(**node.args))  # type: ignore[misc]
    yield from _edits_of_conditions(node)
    yield from _edits_of_rows(node)
    yield from _edits_of_values(node)
    yield from _edits_of_constraints(node)


def _edits_of_conditions(node: exp.Expr) -> Iterator[tuple[str, Edit]]:
    if isinstance(node, exp.And | exp.Or):
        yield "condition dropped", lambda: node.replace(node.left)
        yield "condition dropped", lambda: node.replace(node.right)
    elif isinstance(node, exp.Where | exp.Having):
        yield f"no {node.key}", node.pop
    elif isinstance(node, exp.Filter):
        yield "no filter", lambda: node.replace(node.this)
    elif isinstance(node, exp.Not):
        yield "no not", lambda: node.replace(node.this)
    elif isinstance(node, exp.Exists | exp.In):
        yield "negated", lambda: node.replace(exp.Not(this=node.copy()))
    elif isinstance(node, exp.Is):
        yield "negated", lambda: node.set("negate", not node.args.get("negate"))
    elif isinstance(node, exp.Between):
        low, high = node.args["low"], node.args["high"]
        yield (
            "half-open range",
            lambda: node.replace(
                exp.and_(exp.GTE(this=node.this, expression=low), exp.LT(this=node.this, expression=high))
            ),
        )


def _unsorted(order: exp.Order) -> Edit:
    """Drop ``order``; inside an aggregate, what it sorts hangs below it and stays."""
    return (lambda: order.replace(order.this)) if order.this else order.pop


def _edits_of_rows(node: exp.Expr) -> Iterator[tuple[str, Edit]]:
    """Joins, order, limits, duplicates, groups, windows, locks."""
    if isinstance(node, exp.Join) and node.side == "LEFT":
        yield "left to inner join", lambda: node.set("side", None)
    elif isinstance(node, exp.Join) and node.args.get("on") and not node.side and not node.kind:
        yield "inner to left join", lambda: node.set("side", "LEFT")
    elif isinstance(node, exp.Ordered) and (isinstance(node.parent, exp.Order) or node.args.get("desc")):
        yield "other direction", lambda: _turn(node)
        if isinstance(node.parent, exp.Order):
            yield "sort key dropped", node.pop if len(node.parent.expressions) > 1 else _unsorted(node.parent)
    elif isinstance(node, exp.Limit | exp.Offset | exp.Lock):
        yield f"no {node.key}", node.pop
    elif isinstance(node, exp.Distinct):
        kept = None if isinstance(node.parent, exp.Select) else node.expressions[0]
        yield "no distinct", lambda: node.replace(kept) if kept else node.pop()
    elif isinstance(node, exp.Union):
        yield "union to union all or back", lambda: node.set("distinct", not node.args.get("distinct"))
    elif isinstance(node, exp.Group) and len(node.expressions) > 1:
        for key in node.expressions:
            yield "group key dropped", key.pop
    elif isinstance(node, exp.Window) and node.args.get("partition_by"):
        yield "no partition", lambda: node.set("partition_by", None)


def _edits_of_values(node: exp.Expr) -> Iterator[tuple[str, Edit]]:
    if isinstance(node, exp.Coalesce):
        yield "no coalesce", lambda: node.replace(node.this)
    elif isinstance(node, exp.Literal) and node.is_string:
        ends = {"[)": "[]", "[]": "[)", "()": "(]", "(]": "()"}
        if node.this in ends:
            yield "other bounds", lambda: node.replace(exp.Literal.string(ends[node.this]))
        elif isinstance(node.parent, exp.EQ | exp.NEQ | exp.In):
            yield "other text", lambda: node.replace(exp.Literal.string(f"{node.this}~"))
    elif isinstance(node, exp.Literal) and node.this.isdigit():
        for step in (1, -1):
            yield "other number", lambda step=step: node.replace(exp.Literal.number(int(node.this) + step))  # type: ignore[misc]


def _edits_of_constraints(node: exp.Expr) -> Iterator[tuple[str, Edit]]:
    """What a schema refuses, and what an index holds."""
    if isinstance(node, _CONSTRAINTS) and not isinstance(node.parent, exp.Constraint):
        whole = node.find_ancestor(exp.Alter)
        if whole is None:
            yield "no constraint", node.pop
    if isinstance(node, exp.UniqueColumnConstraint) and isinstance(node.this, exp.Schema):
        yield from (("constraint without column", column.pop) for column in _several(node.this.expressions))
    elif isinstance(node, exp.PrimaryKey | exp.ForeignKey):
        yield from (("constraint without column", column.pop) for column in _several(node.expressions))
    elif isinstance(node, exp.IndexParameters):
        columns = node.args.get("columns") or []
        yield from (("column dropped", column.pop) for column in _several(columns))
        yield from (("not included", column.pop) for column in _several(node.args.get("include") or []))
        if len(columns) > 1 and not isinstance(columns[0], exp.WithOperator):
            yield "columns in another order", lambda: node.set("columns", [*columns[1:], columns[0]])
    elif isinstance(node, exp.WithOperator) and str(node.args["op"]) == "&&":
        yield "equality for overlap", lambda: node.set("op", exp.var("="))
    elif isinstance(node, exp.Reference) and node.args.get("options"):
        yield "no referential action", lambda: node.set("options", [])
    elif isinstance(node, exp.Create) and node.args.get("unique"):
        yield "not unique", lambda: node.set("unique", False)


def _turn(key: exp.Expr) -> None:
    key.set("desc", not key.args.get("desc"))
    key.set("nulls_first", bool(key.args["desc"]))  # where Postgres puts them when nothing is said


def _several(nodes: list[exp.Expr]) -> list[exp.Expr]:
    return nodes if len(nodes) > 1 else []
