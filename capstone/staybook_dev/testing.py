"""A pytest plugin: finds the engines before Django reads its settings.

``DATABASE_URL`` names the database server (its database is copied to ``test_…``); without it the embedded PostgreSQL
serves. ``REDIS_URL=embedded`` starts an embedded Redis for the run; without it there is none, as on a bare machine.
Each process of pytest-xdist has a test database, and in Redis the one after its predecessor's.
"""

from __future__ import annotations

import os
from urllib.parse import urlsplit, urlunsplit

from staybook_dev import engines

os.environ.setdefault("STAYBOOK_ENV", "development")
os.environ.setdefault("LOG_LEVEL", "ERROR")
engines.ensure_postgres("staybook")

if os.environ.get("REDIS_URL") == "embedded":  # now, not in a hook: pytest-django reads the settings before any of ours
    os.environ["REDIS_URL"] = f"redis://127.0.0.1:{engines.start_redis().port}/0"

if (worker := os.environ.get("PYTEST_XDIST_WORKER")) and (redis := os.environ.get("REDIS_URL")):
    where = urlsplit(redis)
    number = int(where.path.strip("/") or 0) + int(worker.removeprefix("gw"))
    os.environ["REDIS_URL"] = urlunsplit(where._replace(path=f"/{number}"))
