"""What a migration may do besides changing models."""

from __future__ import annotations

from typing import Any

from django.db.migrations.operations.base import Operation


class OfTheDatabase(Operation):
    """Something that the database does, and no model shows: its class says how it comes and goes."""

    reduces_to_sql = True
    reversible = True

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models do not change."""
