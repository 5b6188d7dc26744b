"""What a list of 50 stays costs beside the floor, in one run: CPU of Python and of PostgreSQL together.

    python tests/bench/staybook_list.py [--rounds 15] [--requests 40] [--check]

The floor is a bare Django view, without middleware, that sends the same bytes from one statement in which PostgreSQL
builds the JSON. ``list`` is ``GET /api/v1/properties?limit=50`` through every middleware, with an empty cache each
time; ``cached`` is the same from Redis; ``not modified`` is a 304. Each round takes them in turn. Printed are the
medians of the rounds, and the median of each round's ratio to the floor; ``--check`` exits with 1 when one is over
its bound. CPU of the server process comes from /proc, so that this runs where the database is: on Linux.

``DATABASE_URL`` and ``REDIS_URL`` name other engines than the embedded ones; the database is made for this, and goes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

CAPSTONE = Path(__file__).parents[2] / "capstone"
BOUNDS = {"list": 2.5, "cached": 0.35}
PATH = "/api/v1/properties"
_ROWS = 50

_FLOOR = """
SELECT json_build_object('results', json_agg(json_build_object(
  'id', p.public_id, 'title', p.title,
  'city', json_build_object('slug', c.slug, 'name', c.name, 'country', c.country),
  'sleeps', p.sleeps, 'nightly', p.nightly::text, 'cleaning_fee', p.cleaning_fee::text, 'currency', p.currency,
  'cancellation_policy', p.cancellation_policy,
  'rating', round(p.rating_sum::numeric / nullif(p.rating_count, 0), 2), 'review_count', p.rating_count,
  'amenities', coalesce((
    SELECT json_agg(json_build_object('slug', a.slug, 'name', a.name) ORDER BY a.slug)
    FROM catalog_property_amenities pa JOIN catalog_amenity a ON a.id = pa.amenity_id WHERE pa.property_id = p.id
  ), '[]'),
  'photos', coalesce((
    SELECT json_agg(
      json_build_object('id', f.id, 'url', '/media/' || f.image, 'caption', f.caption) ORDER BY f.position
    )
    FROM catalog_photo f WHERE f.property_id = p.id
  ), '[]'),
  'host', json_build_object('id', h.public_id, 'name', h.name)
)), 'next', NULL)::text
FROM (SELECT * FROM catalog_property WHERE is_listed ORDER BY id DESC LIMIT 50) p
JOIN catalog_city c ON c.id = p.city_id JOIN accounts_user h ON h.id = p.host_id
"""


def main() -> int:
    options = _options()
    sys.path.insert(0, str(CAPSTONE))
    with ExitStack() as stack:
        stack.enter_context(_engines())
        rivals = _rivals()
        costs = _measure(rivals, rounds=options.rounds, requests=options.requests)
    over = False
    floors = [cost.both for cost in costs["floor"]]
    print(f"{'case':14}{'CPU ms':>9}{'/ floor':>9}{'bound':>8}")
    for name, column in costs.items():
        ours = [cost.both for cost in column]
        ratio = statistics.median(cost / floor for cost, floor in zip(ours, floors, strict=True))
        bound = BOUNDS.get(name)
        over |= bound is not None and ratio > bound
        print(f"{name:14}{statistics.median(ours) * 1000:9.2f}{ratio:9.2f}{bound or '':>8}")
    return int(over and options.check)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--requests", type=int, default=40)
    parser.add_argument("--check", action="store_true")
    return parser.parse_args()


@contextmanager
def _engines() -> Iterator[None]:
    """A database of our own with 50 listings, and a Redis."""
    from staybook_dev import engines

    os.environ["LIMIT_READS"] = "1000000"  # we are one address that asks for a whole town
    os.environ["LOG_LEVEL"] = "ERROR"
    os.environ["DJANGO_SETTINGS_MODULE"] = "staybook.config.settings"
    with ExitStack() as stack:
        engines.ensure_postgres("staybook_bench")
        if "REDIS_URL" not in os.environ:
            redis = engines.start_redis()
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
    for number in range(_ROWS):
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


def _rivals() -> dict[str, Callable[[], bytes]]:
    """What is measured, by name: each sends one request and returns the body."""
    from django.core.handlers.wsgi import WSGIHandler
    from django.db import connection
    from django.http import HttpRequest, HttpResponse
    from django.test import override_settings
    from django.urls import include, path
    from staybook.catalog.freshness import LIST
    from staybook.common import cache

    cache.PATIENCE_S = 5.0  # so that a slow moment of this machine makes no kept answer a made one

    def floor(_: HttpRequest) -> HttpResponse:
        with connection.cursor() as cursor:
            cursor.execute(_FLOOR)
            return HttpResponse(cursor.fetchone()[0], content_type="application/json")

    urls: Any = type(sys)("floor_urls")
    urls.urlpatterns = [path("floor", floor), path("", include("staybook.config.urls"))]
    sys.modules["floor_urls"] = urls
    override_settings(ROOT_URLCONF="floor_urls").enable()
    with override_settings(MIDDLEWARE=[]):
        bare = WSGIHandler()
    whole = WSGIHandler()

    def ask_floor() -> bytes:
        return _ask(bare, "/floor")[1]

    def uncached() -> bytes:
        cache.bump(LIST)
        return _ask(whole, PATH)[1]

    def cached() -> bytes:
        return _ask(whole, PATH)[1]

    _, same = _ask(whole, PATH)
    tag = _ask(whole, PATH)[0]["ETag"]
    if _read(ask_floor()) != _read(same):
        raise SystemExit("the floor does not say what the list says: the ratio would mean nothing")
    return {
        "floor": ask_floor,
        "list": uncached,
        "cached": cached,
        "not modified": lambda: _ask(whole, PATH, HTTP_IF_NONE_MATCH=tag)[1],
    }


def _ask(handler: Any, path: str, **headers: str) -> tuple[dict[str, str], bytes]:
    """One GET through WSGI, as a server would send it."""
    import io

    answered: dict[str, str] = {}
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": f"limit={_ROWS}",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "203.0.113.7",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        **headers,
    }
    response = handler(environ, lambda status, given: answered.update(given, status=status))
    body = b"".join(response)
    response.close()
    if answered["status"][:3] not in {"200", "304"}:
        raise SystemExit(f"{path}: {answered['status']} {body[:300]!r}")
    return answered, body


def _read(body: bytes) -> Any:
    import json

    return json.loads(body)


class _Cost(NamedTuple):
    """Seconds of CPU for one request: ours, and those of the database's process for us."""

    python: float
    database: float

    @property
    def both(self) -> float:
        return self.python + self.database


def _measure(rivals: dict[str, Callable[[], bytes]], *, rounds: int, requests: int) -> dict[str, list[_Cost]]:
    """What a request costs, by name and round."""
    costs: dict[str, list[_Cost]] = {name: [] for name in rivals}
    for number in range(rounds + 1):
        for name, ask in rivals.items():
            server = _server()
            python, database = time.process_time(), _seconds_of(server)
            for _ in range(requests):
                ask()
            python, database = time.process_time() - python, _seconds_of(server) - database
            if number:  # the first round warms up
                costs[name].append(_Cost(python / requests, database / requests))
    return costs


def _server() -> int:
    """The process id of PostgreSQL's process that serves our connection."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _seconds_of(process: int) -> float:
    """CPU that a process has had. Source: proc_pid_schedstat in the kernel's documentation; nanoseconds."""
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9


if __name__ == "__main__":
    raise SystemExit(main())
