"""A pytest plugin: finds the engines before Django reads its settings.

``DATABASE_URL`` names the database server (its database is copied to ``test_…``); without it the embedded PostgreSQL
serves. ``REDIS_URL=embedded`` starts an embedded Redis for the run; without it there is none, as on a bare machine.
"""

from __future__ import annotations

import os

from staybook_dev import engines

os.environ.setdefault("STAYBOOK_ENV", "development")
os.environ.setdefault("LOG_LEVEL", "ERROR")
engines.ensure_postgres("staybook")

if os.environ.get("REDIS_URL") == "embedded":  # now, not in a hook: pytest-django reads the settings before any of ours
    os.environ["REDIS_URL"] = f"redis://127.0.0.1:{engines.start_redis().port}/0"
