"""What a plan must not do to a big table: read all of it, or read rows by the thousand to drop them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection

MOST = 1_000
"""Rows that a node may read to drop them, and that a table may have which is read from end to end."""


def statements_of(ask: Callable[[], Any]) -> list[tuple[str, Any]]:
    """The statements that ``ask`` sends, as the ORM really sends them, with their parameters."""
    sent: list[tuple[str, Any]] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().startswith(("SELECT", "(SELECT", "UPDATE")):
            sent.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        ask()
    return sent


def complaints(ask: Callable[[], Any]) -> list[str]:
    """What the plans of these statements do wrong; each is run again by EXPLAIN ANALYZE."""
    found = []
    for sql, params in statements_of(ask):
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
            answer = cursor.fetchone()[0]
        plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
        found += [f"{words}: {sql}" for words in _wrongs(plan)]
    return found


def _wrongs(plan: dict[str, Any]) -> Iterator[str]:
    for node in _nodes(plan):
        what = f"{node['Node Type']} {node.get('Relation Name', '')}"
        dropped = sum(node.get(key, 0) for key in ("Rows Removed by Filter", "Rows Removed by Index Recheck"))
        if dropped * node["Actual Loops"] > MOST:
            yield f"drops {dropped * node['Actual Loops']} rows at {what}"
        if node["Node Type"].endswith("Seq Scan") and dropped + node["Actual Rows"] > MOST:
            yield f"reads all at {what}"


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)
