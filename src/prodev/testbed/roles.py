"""The roles that candidates log in as: what they may do, and what bounds them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets

GROUP = "prodev_candidate"
"""Owns what templates hold; every lease's role is a member, and inherits the ownership.

So a lease costs no REASSIGN OWNED, which would have to touch every object of the copy.
"""

SETTINGS = {
    "statement_timeout": "10s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
    "temp_file_limit": "512MB",
    "synchronous_commit": "off",
    "timezone": "UTC",
    "datestyle": "ISO, MDY",
    "lc_messages": "C",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
}
"""Bounds on what a candidate may take, and what makes plans and messages the same on every engine.

A session may raise its own timeouts: the judge's clock is the one that counts. It may not raise ``temp_file_limit``.
"""

MAKE_GROUP = f"CREATE ROLE {GROUP} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE"

TO_FURNISH = f"""
    CREATE SCHEMA IF NOT EXISTS public; ALTER SCHEMA public OWNER TO {GROUP}; GRANT USAGE ON SCHEMA public TO PUBLIC
"""
"""Gives a database the schema that candidates work in; it is the group's, so that they may drop and make it."""

_ATTRIBUTES = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS INHERIT CONNECTION LIMIT 40"


def new_password() -> str:
    """Make a password of 128 random bits."""
    return secrets.token_hex(16)


def to_make(role: str, password: str) -> str:
    """Write the statements that make ``role``, a member of the candidates' group."""
    return f"CREATE ROLE \"{role}\" {_ATTRIBUTES} PASSWORD '{_verifier(password)}' IN ROLE {GROUP};" + _to_set(role)


def to_restore(role: str, password: str) -> str:
    """Write the statements that undo what ``role`` may have changed about itself."""
    return f'ALTER ROLE "{role}" RESET ALL; ALTER ROLE "{role}" PASSWORD \'{_verifier(password)}\';' + _to_set(role)


def to_open(database: str, role: str) -> str:
    """Write the statements that open ``database``, made closed, to ``role`` and to nobody else.

    The role does not own it: an owner could drop or rename what the judge needs.
    """
    return (
        f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC;'
        f'GRANT CREATE, CONNECT, TEMPORARY ON DATABASE "{database}" TO "{role}";'
        f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS true;'
    )


def to_empty(role: str) -> str:
    """Write the statements that drop what ``role`` made in a database that had nothing in it."""
    return f"SET lock_timeout = '2s'; DROP SCHEMA IF EXISTS public CASCADE; DROP OWNED BY \"{role}\" CASCADE"


def _to_set(role: str) -> str:
    return "".join(f"ALTER ROLE \"{role}\" SET {key} = '{value}';" for key, value in SETTINGS.items())


def _verifier(password: str) -> str:
    """Return what the server keeps of ``password`` for SCRAM-SHA-256 (RFC 5803).

    One iteration is enough, and quick: with 128 random bits there is nothing to stretch.
    """
    salt = os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    parts = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256$1:{parts[0]}${parts[1]}:{parts[2]}"
