"""What the benchmarks of staybook share: its engines, requests through WSGI, CPU of ours and of the database's process.

CPU of the server process is read from /proc, so that this runs where the database is: on Linux. ``DATABASE_URL`` and
``REDIS_URL`` name other engines than the embedded ones; the database is made for a benchmark, and goes.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

CAPSTONE = Path(__file__).parents[2] / "capstone"
LISTINGS = 50

if str(CAPSTONE) not in sys.path:
    sys.path.insert(0, str(CAPSTONE))


class Cost(NamedTuple):
    """Seconds of CPU for one request: ours, and those of the database's process for us."""

    python: float
    database: float

    @property
    def both(self) -> float:
        """What it takes, whoever does the work."""
        return self.python + self.database


def options(doc: str | None, *switches: str, **numbers: int) -> argparse.Namespace:
    """A benchmark's command line: what it counts by, with its default; its switches, and ``--check``."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    for name in (*switches, "check"):
        parser.add_argument(f"--{name}", action="store_true")
    return parser.parse_args()


@contextmanager
def engines() -> Iterator[None]:
    """A database of our own with 50 listings, and a Redis; nobody is asked to wait for a limit."""
    from staybook_dev.engines import ensure_postgres, start_redis

    os.environ |= {"LIMIT_READS": "1000000", "LIMIT_WRITES": "1000000", "LOG_LEVEL": "ERROR"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "staybook.config.settings"
    with ExitStack() as stack:
        ensure_postgres("staybook_bench")
        if "REDIS_URL" not in os.environ:
            redis = start_redis()
            stack.callback(redis.stop)
            os.environ["REDIS_URL"] = f"redis://127.0.0.1:{redis.port}/0"
        import django

        django.setup()
        from django.db import connection

        creation = connection.creation
        creation.create_test_db(verbosity=0, autoclobber=True)
        try:
            _furnish()
            yield
        finally:
            creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


def _furnish() -> None:
    from django.db import connection
    from staybook.catalog.models import Amenity, Photo
    from tests.factories import make_property, make_user

    amenities = [Amenity.objects.create(slug=f"amenity-{number:02}", name=f"Amenity {number}") for number in range(8)]
    hosts = [make_user("host") for _ in range(10)]
    for number in range(LISTINGS):
        place = make_property(hosts[number % 10], title=f"A loft under the jacaranda, number {number}")
        place.amenities.set(amenities[number % 3 : number % 3 + 5])
        for position in range(4):
            Photo.objects.create(
                property=place, position=position, image=f"photos/2030/06/{number:04}{position}.jpg", caption="A view"
            )
        place.rating_sum, place.rating_count = 23 + number, 7
        place.save()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def ask(handler: Any, path: str, body: bytes = b"", **more: str) -> tuple[dict[str, str], bytes]:
    """One request through WSGI, as a server would send it: a POST of JSON, if there is a body. Headers, and the body.

    Raises SystemExit for an answer that is no success.
    """
    answered: dict[str, str] = {}
    environ = {
        "REQUEST_METHOD": "POST" if body else "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "203.0.113.7",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        **({"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body))} if body else {}),
        **more,
    }
    response = handler(environ, lambda status, given: answered.update(given, status=status))
    told = b"".join(response)
    response.close()
    if answered["status"][:3] not in {"200", "201", "304"}:
        raise SystemExit(f"{path}: {answered['status']} {told[:300]!r}")
    return answered, told


def measure(rivals: dict[str, Callable[[], bytes]], *, rounds: int, requests: int) -> dict[str, list[Cost]]:
    """What a request costs, by name and round; each round takes the rivals in turn, and one more warms up."""
    costs: dict[str, list[Cost]] = {name: [] for name in rivals}
    for number in range(rounds + 1):
        for name, send in rivals.items():
            cost = cost_of(send, requests)
            if number:
                costs[name].append(cost)
    return costs


def cost_of(send: Callable[[], object], requests: int = 1) -> Cost:
    """What one of so many requests costs. The connection must outlive them: see ``one_server_process``."""
    server = _server()
    python, database = time.process_time(), _seconds_of(server)
    for _ in range(requests):
        send()
    python, database = time.process_time() - python, _seconds_of(server) - database
    return Cost(python / requests, database / requests)


def one_server_process() -> None:
    """Keep the connection for ever, so that one process of the server has all that we ask, and is measured."""
    from django.db import connection

    connection.settings_dict["CONN_MAX_AGE"] = connection.close_at = None


def _server() -> int:
    """The process id of PostgreSQL's process that serves our connection."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _seconds_of(process: int) -> float:
    """CPU that a process has had. Source: proc_pid_schedstat in the kernel's documentation; nanoseconds."""
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9
