"""A lease: one throw-away database and the one unprivileged role that may use it."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

LEASE_PREFIX = "prodev_l_"
BUILD_PREFIX = "prodev_b_"
_TLS = ("sslmode", "sslrootcert", "sslcert", "sslkey")
_OURS = re.compile(rf"^(?:{LEASE_PREFIX}|{BUILD_PREFIX})([0-9a-f]{{8,}})_[0-9a-f]{{8}}$")


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

    @property
    def password(self) -> str:
        """Return the role's password."""
        return unquote(urlsplit(self.url).password or "")

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
