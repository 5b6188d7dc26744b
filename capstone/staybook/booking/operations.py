"""Migration operations: the database refuses by itself, two live bookings of one night first of all."""

from __future__ import annotations

from typing import Any

from staybook.common.operations import OfTheDatabase

NAME = "booking_no_overlap"
"""Of the constraint, and the prefix of the triggers; what a refusal names."""

REFUSED = "SB001"
"""The SQLSTATE of what ``booking_refuse`` says no to. The standard leaves classes from I to Z to implementations, and
none of PostgreSQL's begins with an S. Source: ISO/IEC 9075-2, SQLSTATE; PostgreSQL's documentation, appendix A.
"""

_REFUSE = f"""
CREATE FUNCTION booking_refuse(reason text) RETURNS bigint LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION USING ERRCODE = '{REFUSED}', MESSAGE = reason; END $$
"""

_POSTGRES = f"""
CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER TABLE booking_booking ADD CONSTRAINT {NAME} EXCLUDE USING gist
    (property_id WITH =, daterange(check_in, check_out) WITH &&) WHERE (status IN ('held', 'confirmed'))
"""
_SQLITE = """
CREATE TRIGGER IF NOT EXISTS {name}_{event} BEFORE {when} ON booking_booking
WHEN NEW.status IN ('held', 'confirmed') AND EXISTS (
    SELECT 1 FROM booking_booking AS other
    WHERE other.property_id = NEW.property_id AND other.status IN ('held', 'confirmed') AND other.id IS NOT NEW.id
      AND other.check_in < NEW.check_out AND NEW.check_in < other.check_out
)
BEGIN SELECT RAISE(ABORT, '{name}'); END
"""
_EVENTS = {"insert": "INSERT", "update": "UPDATE OF property_id, check_in, check_out, status"}


class ForbidOverlap(OfTheDatabase):
    """Ranges are half-open: one guest's last morning is the next one's first evening.

    Django rebuilds a table on SQLite to alter it, and drops its triggers: ``KeepForbidding`` stands around that.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(_POSTGRES)
            return
        _set_triggers(schema_editor)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"ALTER TABLE booking_booking DROP CONSTRAINT {NAME}")
            return
        for event in _EVENTS:
            schema_editor.execute(f"DROP TRIGGER {NAME}_{event}")

    def describe(self) -> str:
        return "Forbid two live bookings of one property to share a night"


class KeepForbidding(OfTheDatabase):
    """SQLite's triggers, set where they are missing: the first and the last operation of a migration that alters
    the table, so that they are back whether it is applied or taken back. PostgreSQL has kept its constraint.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "sqlite":
            _set_triggers(schema_editor)

    database_backwards = database_forwards

    def describe(self) -> str:
        return "Keep forbidding two live bookings of one property to share a night"


class RefuseByName(OfTheDatabase):
    """A function by which a statement on PostgreSQL fails as a whole, and says why."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(_REFUSE)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute("DROP FUNCTION booking_refuse(text)")

    def describe(self) -> str:
        return "Let a statement refuse a booking by the name of the reason"


def _set_triggers(schema_editor: Any) -> None:
    for event, when in _EVENTS.items():
        schema_editor.execute(_SQLITE.format(name=NAME, event=event, when=when))
