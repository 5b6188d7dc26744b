"""A Django project of a lesson, on a PostgreSQL database to throw away."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from prodev.lessons.sandbox.files import lesson_file
from prodev.lessons.sandbox.postgres_database import PostgresDatabase, engine


def django(name: str) -> PostgresDatabase:
    """Set up the project in ``modules/*/files/<name>/`` on a migrated database of its own, and return that.

    Once in a kernel: Django's registry of models belongs to the process.
    """
    project = lesson_file(name)

    def migrate(url: str) -> None:
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=project, env=os.environ | {"DATABASE_URL": url}, check=True, timeout=60)

    database = PostgresDatabase(engine().template(f"lesson {name}", migrate, version=_version(project)))
    # A cell runs inside an event loop, and would not be let near the database.
    os.environ |= {
        "DATABASE_URL": database.url,
        "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    sys.path.insert(0, str(project))
    import django as framework

    framework.setup()
    return database


def _version(project: Path) -> str:
    """Return what changes when the migrations do."""
    digest = hashlib.sha256()
    for path in sorted(project.rglob("migrations/*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
