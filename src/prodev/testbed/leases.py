"""A lease: one throw-away database and the one unprivileged role that may use it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote, urlencode

LEASE_PREFIX = "prodev_l_"
BUILD_PREFIX = "prodev_b_"
GROUP = "prodev_candidate"
"""The role that owns what templates hold; every lease's role is a member, and inherits the ownership."""

_TLS = ("sslmode", "sslrootcert", "sslcert", "sslkey")
_OURS = re.compile(rf"^(?:{LEASE_PREFIX}|{BUILD_PREFIX})([0-9a-f]{{8,}})_[0-9a-f]{{8}}$")

ROLE_SETTINGS = {
    "statement_timeout": "10s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
    "temp_file_limit": "512MB",
    "timezone": "UTC",
    "datestyle": "ISO, MDY",
    "lc_messages": "C",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
}
"""Bounds on what a candidate may take, and what makes plans and messages the same on every engine.

A session may raise its own timeouts: the judge's clock is the one that counts. It may not raise ``temp_file_limit``.
"""


@dataclass(frozen=True, slots=True)
class Lease:
    """Plain data about a leased database, made in one process and used in another.

    ``url`` connects as the lease's role, straight to the engine; ``name`` is the database.
    """

    name: str
    role: str
    url: str
    served: str
    template: str

    def to_json(self) -> dict[str, str]:
        """Return the lease as a dictionary that JSON can carry. It holds a password."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Lease:
        """Make a lease of what ``to_json`` returned."""
        return cls(**{key: str(data[key]) for key in ("name", "role", "url", "served", "template")})


def new_name(prefix: str, *, now: int) -> str:
    """Make a name that says when it was made, in seconds since 1970."""
    return f"{prefix}{now:08x}_{secrets.token_hex(4)}"


def made_at(name: str) -> int | None:
    """Return when the database or role called ``name`` was made, ``None`` when it is not one of ours."""
    match = _OURS.match(name)
    return int(match[1], 16) if match else None


def lock_key(name: str) -> int:
    """Return the advisory lock that the maker of ``name`` holds while it lives."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def new_password() -> tuple[str, str]:
    """Make a random password and its SCRAM verifier.

    One iteration is enough, and quick: the password holds 128 random bits, so there is nothing to stretch.
    """
    password, salt = secrets.token_hex(16), os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    parts = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return password, f"SCRAM-SHA-256$1:{parts[0]}${parts[1]}:{parts[2]}"


def make_url(parameters: Mapping[str, Any], *, database: str, role: str = "", password: str = "") -> str:
    """Write a connection URL from libpq's parameters, with another database, role and password.

    A host that is a folder (a Unix socket) goes into the query, where every driver understands it.
    """
    settings = {key: str(value) for key, value in parameters.items() if value is not None}
    user = role or settings.get("user", "postgres")
    secret = password if role else settings.get("password", "")
    host, port = settings.get("host", ""), settings.get("port", "")
    keep: dict[str, str] = {key: settings[key] for key in _TLS if key in settings}
    at = ""
    if host.startswith(("/", "@")):
        keep = {"host": host} | ({"port": port} if port else {}) | keep
    else:
        at = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    login = quote(user, safe="") + (":" + quote(secret, safe="") if secret else "")
    query = "?" + urlencode(keep, safe="/") if keep else ""
    return f"postgresql://{login}@{at}/{quote(database, safe='')}{query}"
