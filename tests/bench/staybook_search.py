"""How long a search takes at 50,000 properties and 1,000,000 bookings, beside the usual way to write it, in one run.

    python tests/bench/staybook_search.py [--rounds 60] [--properties 50000] [--bookings 1000000] [--anew] [--check]

Every kind of request goes through the whole WSGI application, without a cache. Each round sends one of each, with
other cities, dates and words, so that all have the same neighbours. ``CPU`` is what Python and PostgreSQL's process
spent on a request: what it takes where nobody else wants the processor. ``took`` is the time until the answer, which
on a machine with neighbours tells of them, too; the last line says how many there were.

``exclude`` is what is usually written: a list view of DRF that leaves out the properties with an overlapping booking
by ``exclude``. ``by number`` is that view with our condition, at a page far behind: a count and an OFFSET. Both have
our indexes, our middleware and prefetched relations, and show what ours shows, or the run stops. ``in vain`` is the
worst there is: every property is asked, none is free, or none has both amenities; no bound is set to that.

``--check`` exits with 1 when the p95 of all searches took over 60 ms, that of a calendar over 10 ms, when a page far
behind costs more than the first, or when what is usual is not at least twice as dear. The market is made once, in
a database of its own whose name has its size, and kept; ``--anew`` makes it again. ``DATABASE_URL`` names another
server than the embedded one; CPU is read from /proc, so that it must run here.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

sys.path.insert(0, str(Path(__file__).parent))

import measured

SEARCHES, MOST_MS, CALENDAR_MS, DEEPER, SLOWER = "/api/v1/search", 60.0, 10.0, 1.25, 2.0
_DEEP, _PAGE = 51, 20
Ask = Callable[[], Any]
Costs = dict[str, list[tuple[float, float]]]
"""Milliseconds of CPU, and until the answer, of each request, by its kind."""


def main() -> int:
    options = measured.options(__doc__, "anew", rounds=60, properties=50_000, bookings=1_000_000)
    _open_market(options)
    costs = _measure(_rounds(options))
    over = _tell(costs)
    print(f"{os.getloadavg()[0]:.1f} processes wanted {os.cpu_count()} processors")
    return int(over and options.check)


def _measure(rounds: Iterator[dict[str, Ask]]) -> Costs:
    """What each request cost; the first round warms up."""
    costs: Costs = {}
    for number, asks in enumerate(rounds):
        measured.one_server_process()
        for name, ask in asks.items():
            took: list[float] = []
            cost = measured.cost_of(lambda ask=ask, took=took: took.append(_time(ask)))
            if number:
                costs.setdefault(name, []).append((cost.both * 1000, took[0] * 1000))
    return costs


def _time(ask: Ask) -> float:
    start = time.perf_counter()
    ask()
    return time.perf_counter() - start


def _open_market(options: argparse.Namespace) -> None:
    """Let Django stand on the market, which is made if it is not there."""
    from staybook_dev import engines

    name = f"staybook_search_{options.properties}_{options.bookings}"
    if url := os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = urlsplit(url)._replace(path=f"/{name}").geturl()
    url = engines.ensure_postgres(name)
    if options.anew:
        engines.drop_database(url)
    engines.make_database(url)
    os.environ |= {"REDIS_URL": "", "LIMIT_READS": "1000000", "LOG_LEVEL": "ERROR"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "staybook.config.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction
    from staybook.catalog.models import Property
    from tests.plans import market

    within, connection.settings_dict["OPTIONS"]["options"] = connection.settings_dict["OPTIONS"]["options"], ""
    call_command("migrate", verbosity=0)  # may take longer than a request may
    if not Property.objects.exists():
        with transaction.atomic():
            market.build(properties=options.properties, bookings=options.bookings)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connection.close()
    connection.settings_dict["OPTIONS"]["options"] = within


def _rounds(options: argparse.Namespace) -> Iterator[dict[str, Ask]]:
    """What each round asks, by name. The same for the same numbers."""
    from django.core.handlers.wsgi import WSGIHandler
    from django.test import override_settings
    from staybook.catalog.models import Property

    override_settings(ROOT_URLCONF=_usual_urls()).enable()
    app, chance = WSGIHandler(), random.Random(7)
    ids = list(Property.objects.filter(is_listed=True).values_list("public_id", flat=True)[:5000])
    cities = max(options.properties // 250, 4)

    def get(path: str, asked: dict[str, Any]) -> Any:
        return json.loads(measured.ask(app, path, QUERY_STRING=urlencode(asked, doseq=True))[1])

    for _ in range(options.rounds + 1):
        city, stay = {"city": f"city-{chance.randint(1, cities)}"}, _stay(chance)
        place = f"/api/v1/properties/{chance.choice(ids)}"
        yield {
            name: (lambda path=path, asked=asked: get(path, asked))
            for name, (path, asked) in (_searches(chance, city, stay) | _paged(get, city, stay)).items()
        } | {
            "calendar": lambda place=place, stay=stay: get(f"{place}/calendar", {"from": stay["check_in"]}),
            "detail": lambda place=place: get(place, {}),
            "list": lambda: get("/api/v1/properties", {}),
        }


def _stay(chance: random.Random) -> dict[str, Any]:
    from tests.factories import SOON

    check_in = SOON + timedelta(days=chance.randrange(60))
    return {"check_in": check_in, "check_out": check_in + timedelta(days=chance.randint(1, 5))}


def _searches(
    chance: random.Random, city: dict[str, Any], stay: dict[str, Any]
) -> dict[str, tuple[str, dict[str, Any]]]:
    """Searches of every kind, by name."""
    least, first = chance.randrange(20, 200), chance.randint(1, 12)
    prices = {"guests": chance.randint(1, 8), "min_price": least, "max_price": least + 150}
    amenities = {"amenity": [f"amenity-{first}", f"amenity-{(first + 3) % 12 + 1}"]}
    nobody_has = {"amenity": [f"amenity-{first}", f"amenity-{first % 12 + 1}"]}
    words = chance.choice(
        ["jacaranda", "loft bakery", "villa", "old town", "harbour -studio", "number 77", "lighthouse"]
    )
    kinds = {
        "city": city,
        "city, dates, guests, price": city | stay | prices,
        "city, dates, amenities": city | stay | amenities,
        "city, dates, newest": city | stay | {"sort": "newest"},
        "city, dates, words": city | stay | {"q": words},
        "anywhere, dates, guests, price": stay | prices,
        "anywhere, dates, amenities": stay | amenities,
        "anywhere, dates, words": stay | {"q": words},
        "anywhere, dates, nothing so large": stay | {"guests": 50},
        "in vain: what nobody has": stay | nobody_has,
        "in vain: a month, nowhere free": stay | {"check_out": stay["check_in"] + timedelta(days=30)},
    }
    return {name: (SEARCHES, asked) for name, asked in kinds.items()}


def _paged(
    get: Callable[[str, dict[str, Any]], Any], city: dict[str, Any], stay: dict[str, Any]
) -> dict[str, tuple[str, dict[str, Any]]]:
    """First pages and a deep one, ours and the usual way. Raises SystemExit where they do not show the same."""
    position: dict[str, Any] = {}
    for _ in range((_DEEP - 1) // 5):
        position = {"cursor": get(SEARCHES, stay | position | {"limit": 5 * _PAGE})["next"]}
    deep = f"anywhere, dates, page {_DEEP}"
    kinds = {
        "city, dates": (SEARCHES, city | stay),
        "anywhere, dates": (SEARCHES, stay),
        deep: (SEARCHES, stay | position),
        "exclude: city, dates": ("/exclude", city | stay),
        f"by number: {deep}": ("/numbered", stay | {"page": _DEEP}),
    }
    ids = {name: [each["id"] for each in get(*asked)["results"]] for name, asked in kinds.items()}
    for name, usual in (("city, dates", "exclude: city, dates"), (deep, f"by number: {deep}")):
        if ids[name] != ids[usual]:
            raise SystemExit(f"{usual} does not show what ours shows: the ratio would mean nothing")
    return kinds


def _usual_urls() -> str:
    """A URL module with ours, ``/exclude`` and ``/numbered``."""
    from django.db.models import Q
    from django.urls import include, path
    from rest_framework import generics, pagination, serializers
    from staybook.booking import availability
    from staybook.booking.models import LIVE, Booking
    from staybook.catalog.models import Property

    class Shown(serializers.ModelSerializer[Property]):
        id = serializers.UUIDField(source="public_id")

        class Meta:
            model = Property
            depth = 1
            fields = ["id", "title", "city", "sleeps", "nightly", "cleaning_fee", "currency", "amenities"]

    class ByNumber(pagination.PageNumberPagination):
        page_size = _PAGE

    class Numbered(generics.ListAPIView[Property]):
        authentication_classes = permission_classes = ()
        serializer_class, pagination_class = Shown, ByNumber

        def is_taken(self, asked: Any) -> Q:
            return availability.taken(asked["check_in"], asked["check_out"])

        def get_queryset(self) -> Any:
            asked = self.request.query_params
            asked = {name: date.fromisoformat(asked[name]) for name in ("check_in", "check_out")} | {
                "city": asked.get("city")
            }
            rows = Property.objects.filter(is_listed=True).exclude(self.is_taken(asked))
            if asked["city"]:
                rows = rows.filter(city__slug=asked["city"])
            return rows.order_by("nightly", "id").select_related("city").prefetch_related("amenities", "photos")

    class Exclude(Numbered):
        def is_taken(self, asked: Any) -> Q:
            live = Booking.objects.filter(status__in=LIVE)
            overlapping = live.filter(check_in__lt=asked["check_out"], check_out__gt=asked["check_in"])
            return Q(pk__in=overlapping.values("property_id"))

    urls: Any = type(sys)("usual_urls")
    urls.urlpatterns = [
        path("exclude", Exclude.as_view()),
        path("numbered", Numbered.as_view()),
        path("", include("staybook.config.urls")),
    ]
    sys.modules["usual_urls"] = urls
    return "usual_urls"


def _tell(costs: Costs) -> bool:
    """Print what was found; say whether something is over its bound."""
    searches = [cost for name, column in costs.items() if name.startswith(("city", "anywhere")) for cost in column]
    print(f"{'kind':38}{'CPU p50':>9}{'p95 ms':>8}{'took p50':>10}{'p95 ms':>8}{'bound':>7}")
    bounds = {"calendar": CALENDAR_MS, "all searches": MOST_MS}
    over = False
    for name, column in (costs | {"all searches": searches}).items():
        (cpu, most_cpu), (took, most_took) = (_half_and_most(each) for each in zip(*column, strict=True))
        bound = bounds.get(name)
        over |= bound is not None and most_took > bound
        print(f"{name:38}{cpu:9.1f}{most_cpu:8.1f}{took:10.1f}{most_took:8.1f}{bound or '':>7}")
    deep = f"anywhere, dates, page {_DEEP}"
    for above, below, bound in (
        (deep, "anywhere, dates", DEEPER),
        ("exclude: city, dates", "city, dates", SLOWER),
        (f"by number: {deep}", deep, SLOWER),
    ):
        pairs = zip(costs[above], costs[below], strict=True)
        ratio = statistics.median(one[0] / other[0] for one, other in pairs)
        over |= ratio > bound if above == deep else ratio < bound
        print(f"{above} / {below}: {ratio:.2f} ({'at most' if above == deep else 'at least'} {bound})")
    return over


def _half_and_most(values: Sequence[float]) -> tuple[float, float]:
    return statistics.median(values), statistics.quantiles(values, n=20)[-1]


if __name__ == "__main__":
    sys.exit(main())
