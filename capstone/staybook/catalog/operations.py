"""A migration operation: an index for words in titles and descriptions, where the database has one."""

from __future__ import annotations

from typing import Any

from staybook.common.operations import OfTheDatabase

NAME = "property_text"
VECTOR = "to_tsvector('english', catalog_property.title || ' ' || catalog_property.description)"
"""What is indexed; a query is helped only if it says the same, so ``search`` takes it from here."""


class IndexText(OfTheDatabase):
    """A GIN index over the expression ``VECTOR``, on PostgreSQL; SQLite looks through the rows.

    Withdrawn properties are in it too: of a partial index PostgreSQL does not believe how often a word occurs.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP INDEX IF EXISTS {NAME}")
            schema_editor.execute(f"CREATE INDEX {NAME} ON catalog_property USING gin ({VECTOR})")

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP INDEX IF EXISTS {NAME}")

    def describe(self) -> str:
        return "Index the words of properties"
