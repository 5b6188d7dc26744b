"""What a list of 50 stays costs beside the floor, in one run: CPU of Python and of PostgreSQL together.

    python tests/bench/staybook_list.py [--rounds 15] [--requests 40] [--check]

The floor is a bare Django view, without middleware, that sends the same bytes from one statement in which PostgreSQL
builds the JSON. ``list`` is ``GET /api/v1/properties?limit=50`` through every middleware, with an empty cache each
time; ``cached`` is the same from Redis; ``not modified`` is a 304. Each round takes them in turn. Printed are the
medians of the rounds, and the median of each round's ratio to the floor; ``--check`` exits with 1 when one is over
its bound. ``measured`` says which engines, and how CPU is read.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import measured

BOUNDS = {"list": 2.5, "cached": 0.35}
PATH = "/api/v1/properties"

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
    options = measured.options(__doc__, rounds=15, requests=40)
    with measured.engines():
        costs = measured.measure(_rivals(), rounds=options.rounds, requests=options.requests)
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
    if json.loads(ask_floor()) != json.loads(same):
        raise SystemExit("the floor does not say what the list says: the ratio would mean nothing")
    return {
        "floor": ask_floor,
        "list": uncached,
        "cached": cached,
        "not modified": lambda: _ask(whole, PATH, HTTP_IF_NONE_MATCH=tag)[1],
    }


def _ask(handler: Any, path: str, **headers: str) -> tuple[dict[str, str], bytes]:
    return measured.ask(handler, path, QUERY_STRING=f"limit={measured.LISTINGS}", **headers)


if __name__ == "__main__":
    raise SystemExit(main())
