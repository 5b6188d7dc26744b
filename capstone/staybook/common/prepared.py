"""Statements that every request sends: PostgreSQL parses and plans them once for a connection.

Django's own cursors write the values into the statement, so that each is a new one. Behind a pooler that hands the
connection to another after each transaction and knows nothing of prepared statements, ``prepare_threshold`` in the
settings must be None: then they are sent as they are, with their values beside them.
"""

from __future__ import annotations

from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.utils import CursorWrapper


class _Prepared(psycopg.Cursor[Any]):
    def execute(self, query: Any, params: Any = None, **_: Any) -> _Prepared:
        return super().execute(query, params, prepare=True)

    def _convert_query(self, query: Any, params: Any = None) -> Any:
        self._query = super()._convert_query(query, params)  # where Django looks for what it logs
        return self._query


def cursor() -> CursorWrapper:
    """A cursor that prepares what it executes; on another database, a cursor.

    A value has the type that psycopg gives it: cast it where another is meant.
    """
    database = connections[DEFAULT_DB_ALIAS]  # the proxy ``connection`` looks for it at each word
    if database.vendor != "postgresql":
        return database.cursor()
    database.close_if_health_check_failed()
    database.ensure_connection()
    wrapped: CursorWrapper = database._prepare_cursor(_Prepared(database.connection))  # type: ignore[attr-defined]
    return wrapped
