"""A query plan as counts and shapes; never milliseconds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Plan:
    """What ``EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)`` said; ``raw`` is its top object."""

    raw: Mapping[str, Any]

    @property
    def root(self) -> Mapping[str, Any]:
        """Return the node at the top."""
        top: Mapping[str, Any] = self.raw["Plan"]
        return top

    def nodes(self) -> Iterator[Mapping[str, Any]]:
        """Walk every node, parents first."""
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.get("Plans", [])))

    def scans(self, relation: str) -> list[str]:
        """Name the node types that read ``relation``, such as ``["Seq Scan"]``.

        A bitmap scan is named once, by its heap part. Partitions are relations of their own.
        """
        return [node["Node Type"] for node in self.nodes() if node.get("Relation Name") == relation]

    def relations(self) -> list[str]:
        """Name the relations that the plan reads, in its order, each once."""
        return list(dict.fromkeys(node["Relation Name"] for node in self.nodes() if "Relation Name" in node))

    def indexes_used(self) -> list[str]:
        """Name the indexes that the plan reads, in its order, each once."""
        return list(dict.fromkeys(node["Index Name"] for node in self.nodes() if "Index Name" in node))

    @property
    def buffers(self) -> int:
        """Count the shared pages that execution touched, cached or not."""
        return int(self.root.get("Shared Hit Blocks", 0)) + int(self.root.get("Shared Read Blocks", 0))

    @property
    def rows(self) -> int:
        """Count the rows that the query returned."""
        return round(float(self.root["Actual Rows"]) * int(self.root["Actual Loops"]))

    @property
    def rows_removed(self) -> int:
        """Count the rows that were read and then thrown away by a filter or a recheck, over all loops."""
        kinds = ("Rows Removed by Filter", "Rows Removed by Join Filter", "Rows Removed by Index Recheck")
        total = sum(float(node.get(kind, 0)) * int(node["Actual Loops"]) for node in self.nodes() for kind in kinds)
        return round(total)
