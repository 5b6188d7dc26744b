"""A leased database that serves one candidate after another, each as if it had just been made.

Making a database and dropping it costs the server more than most suites do. Emptying its tables costs little, if
it is known that a candidate has done nothing to it but change rows. So what else is done to it is noted on the
server, by an event trigger that the candidate's role can neither see nor stop.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import psycopg

from prodev.testbed import rows

if TYPE_CHECKING:
    from prodev.testbed.engine import Connection, Engine
    from prodev.testbed.leases import Lease

_GUARD = """
    SET search_path = pg_catalog;
    CREATE SCHEMA prodev_guard;
    CREATE TABLE prodev_guard.noted (tag text);
    CREATE FUNCTION prodev_guard.note() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog AS 'BEGIN INSERT INTO prodev_guard.noted VALUES (tg_tag); END';
    CREATE EVENT TRIGGER prodev_guard_end ON ddl_command_end EXECUTE FUNCTION prodev_guard.note();
    CREATE EVENT TRIGGER prodev_guard_drop ON sql_drop EXECUTE FUNCTION prodev_guard.note();
    ALTER EVENT TRIGGER prodev_guard_end ENABLE ALWAYS;
    ALTER EVENT TRIGGER prodev_guard_drop ENABLE ALWAYS;
    DELETE FROM prodev_guard.noted
"""
"""What is rolled back is not noted: the note is rolled back with it."""

_OTHERS = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND NOT (pid = ANY(%s) AND state = 'idle')
"""
_UNTOUCHED = """
    SELECT NOT EXISTS (SELECT FROM prodev_guard.noted) AND NOT EXISTS (SELECT FROM pg_largeobject_metadata)
       AND NOT EXISTS (SELECT FROM pg_prepared_xacts WHERE database = current_database())
"""
_TABLES = """
    SELECT oid::regclass::text, pg_relation_size(oid) FROM pg_class
    WHERE relkind = 'r' AND oid >= 16384 AND relnamespace <> 'prodev_guard'::regnamespace ORDER BY 1
"""
_EMPTYING = """
    BEGIN; SET LOCAL session_replication_role = replica;
    {} SELECT setval(seqrelid, seqstart, false) FROM pg_sequence WHERE seqrelid = ANY('{{{}}}'::regclass[]); COMMIT
"""
"""As a replica, since references need no look where all tables that have any are emptied."""

_SEQUENCES = """
    SELECT coalesce(string_agg(objid::text, ','), '') FROM pg_depend JOIN pg_sequence ON seqrelid = objid
    WHERE deptype IN ('a', 'i') AND refobjid = ANY(%s::text[]::regclass[]::oid[])
"""
_GROWN = """
    SELECT oid::regclass::text FROM pg_class
    WHERE oid = ANY(%s::text[]::regclass[]::oid[]) AND pg_relation_size(oid) > 2 * 8192
"""
"""Tables in which enough rows have died to be in the way of the next candidate's."""

_ROLE = """
    SELECT role.xmin::text,
           (SELECT string_agg(kept.xmin || kept.setconfig::text, ',') FROM pg_db_role_setting AS kept
            WHERE setrole = role.oid),
           (SELECT string_agg(member::text, ',' ORDER BY member.xmin::text) FROM pg_auth_members AS member
            WHERE role.oid IN (member.roleid, member.member)),
           (SELECT string_agg(seq::text, ',' ORDER BY seq.schemaname, seq.sequencename) FROM pg_sequences AS seq)
    FROM pg_authid AS role WHERE rolname = %s
"""
"""What a role may change about itself, and where each sequence stands."""

_LARGEST = 64 * 1024
"""Bytes of a table that the template fills, which are read again for every candidate."""
_PATIENCE_S = 2.0


class Turnover:
    """Watches the database of ``lease``, which nobody has used yet; safe from one thread at a time.

    ``kept``: the server's processes whose sessions a judge keeps.
    ``is_possible`` is False for a database whose template holds so many rows that copying it is better.
    """

    def __init__(self, engine: Engine, lease: Lease) -> None:
        self.lease = lease
        self.kept: list[int] = []
        self._inside: Connection = engine.connect(lease.name)
        self._inside.execute(_GUARD.encode())
        self._filled: list[str] = []
        self._empty: list[str] = []
        sizes = dict(self._rows(_TABLES.encode()))
        for table in sizes:
            some = self._rows(f"SELECT EXISTS (SELECT FROM {table})".encode())
            (self._filled if some[0][0] else self._empty).append(table)
        self.is_possible = all(sizes[table] <= _LARGEST for table in self._filled)
        owned = self._rows(_SEQUENCES.encode(), [self._empty])[0][0]
        self._emptying = _EMPTYING.format(rows.deleting(self._empty), owned).encode()
        self._as_made = self._fingerprint() if self.is_possible else []

    def close(self) -> None:
        """Let go of the database, which stays."""
        self._inside.close()

    def is_as_new(self) -> bool:
        """End every session on the database, but those kept, and empty its tables; whether it is now as it was made."""
        try:
            return self._is_left_alone() and self._is_untouched() and self._is_emptied()
        except psycopg.Error:
            return False

    def _is_left_alone(self) -> bool:
        until = time.monotonic() + _PATIENCE_S
        while self._rows(_OTHERS.encode(), [self.kept])[0][0]:
            if time.monotonic() > until:
                return False
            time.sleep(0.001)
        return True

    def _is_untouched(self) -> bool:
        """Whether only rows have changed. Until that is known, nothing is run that could be the candidate's."""
        return bool(self._rows(_UNTOUCHED.encode())[0][0])

    def _is_emptied(self) -> bool:
        self._inside.execute(self._emptying, prepare=False)
        if self._fingerprint() != self._as_made:
            return False
        for (table,) in self._rows(_GROWN.encode(), [self._empty]):
            self._inside.execute(f"VACUUM {table}".encode(), prepare=False)
        return True

    def _fingerprint(self) -> list[Any]:
        found = self._rows(_ROLE.encode(), [self.lease.role])
        for table in self._filled:
            text = f"SELECT md5(string_agg(kept::text, '|' ORDER BY kept::text)) FROM {table} AS kept"
            found += self._rows(text.encode())
        return found

    def _rows(self, text: bytes, values: Sequence[object] | None = None) -> list[tuple[Any, ...]]:
        return self._inside.execute(text, values).fetchall()
