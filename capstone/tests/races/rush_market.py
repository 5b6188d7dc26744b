"""The rush's own database: made anew, filled, and asked at the end. Import it when DATABASE_URL names that database."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

import django
import psycopg

from staybook.config.env import env


def _make_anew() -> None:
    url = urlsplit(env.database_url)
    name = url.path.removeprefix("/")
    with psycopg.connect(urlunsplit(url._replace(path="/postgres")), autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE template0 ENCODING UTF8')


_make_anew()
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from staybook.accounts import tokens  # noqa: E402
from staybook.booking.models import Booking  # noqa: E402
from staybook.booking.operations import ForbidOverlap  # noqa: E402
from tests.factories import make_property, make_user  # noqa: E402
from tests.races.test_bookings import OVERLAPS  # noqa: E402


def open_market(guests: int, places: int) -> tuple[Callable[[], list[str]], list[str]]:
    """What issues a token for each of so many guests, and the public ids of so many properties."""
    call_command("migrate", verbosity=0)
    users = [make_user() for _ in range(guests)]
    listed = [str(make_property().public_id) for _ in range(places)]
    connection.close()
    return lambda: [tokens.issue_access(user) for user in users], listed


def drop_constraint() -> None:
    with connection.schema_editor() as editor:
        ForbidOverlap().database_backwards("booking", editor, None, None)


def overlaps() -> int:
    """Pairs of live bookings that share a night."""
    return _number(OVERLAPS)


def deadlocks() -> int:
    """How many the server has seen in this database."""
    return _number("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")


def bookings() -> int:
    return Booking.objects.count()


def _number(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])
