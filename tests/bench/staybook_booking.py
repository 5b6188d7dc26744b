"""What a booking costs beside a view that inserts one row, in one run: CPU of Python, and of Python and PostgreSQL.

    python tests/bench/staybook_booking.py [--rounds 15] [--requests 40] [--check]

``one insert`` is a bare Django view, without middleware, that reads the same JSON, inserts a booking by one statement
of its own, under the same constraints, and answers 201. ``booking`` is ``POST /api/v1/bookings`` through every
middleware: who asks, the key, the listing, the lock, the booking, its nights, the message, the kept answer.
``replay`` is the same request again. Each round takes them in turn; every booking has nights of its own. Printed are
the medians of the rounds, and the median of each round's ratio to the one insert, for Python alone and for both. The
bound is on both, as for the list: who lets PostgreSQL do the work that Python did shall not win by that. ``--check``
exits with 1 when one is over its bound. On a busy machine whoever waits oftener for a server pays more for each wait,
and the ratio grows. ``measured`` says which engines, and how CPU is read.
"""

from __future__ import annotations

import itertools
import json
import statistics
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import measured

BOUNDS = {"booking": 4.0}
PATH = "/api/v1/bookings"
_INSERT = """
INSERT INTO booking_booking (public_id, property_id, guest_id, check_in, check_out, guests, status, hold_expires_at,
  cleaning_fee, total, currency, cancellation_policy, created_at)
VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, 'held', now() + interval '15 minutes', 20, 220, 'USD', 'moderate', now())
RETURNING public_id
"""


def main() -> int:
    options = measured.options(__doc__, rounds=15, requests=40)
    with measured.engines():
        costs = measured.measure(_rivals(), rounds=options.rounds, requests=options.requests)
    over = False
    print(f"{'case':14}{'Python ms':>11}{'/ insert':>9}{'both ms':>11}{'/ insert':>9}{'bound':>8}")
    for name, column in costs.items():
        python, _ = _against(costs["one insert"], column, "python")
        both, ratio = _against(costs["one insert"], column, "both")
        over |= ratio > BOUNDS.get(name, ratio)
        print(f"{name:14}{python}{both}{BOUNDS.get(name, ''):>8}")
    return int(over and options.check)


def _against(one: list[measured.Cost], column: list[measured.Cost], part: str) -> tuple[str, float]:
    """The median of a part of the costs, and that of its ratio to the one insert in the same round; also as text."""
    ours, its = ([getattr(cost, part) for cost in costs] for costs in (column, one))
    ratio = statistics.median(mine / floor for mine, floor in zip(ours, its, strict=True))
    return f"{statistics.median(ours) * 1000:11.2f}{ratio:9.2f}", ratio


def _rivals() -> dict[str, Callable[[], bytes]]:
    """What is measured, by name: each sends one request and returns the body."""
    from django.core.handlers.wsgi import WSGIHandler
    from django.db import connection
    from django.http import HttpRequest, HttpResponse
    from django.test import override_settings
    from django.urls import path
    from staybook.accounts import tokens
    from staybook.config import urls as staybook_urls
    from tests.factories import make_property, make_user

    measured.one_server_process()
    guest, places, nights = make_user(), [make_property() for _ in range(50)], itertools.count()
    token = tokens.issue_access(guest)

    def stay() -> dict[str, Any]:
        number = next(nights)
        check_in = date(2030, 1, 1) + timedelta(days=2 * (number // 50))
        place = places[number % 50]
        out = check_in + timedelta(2)
        return {"property": str(place.public_id), "check_in": str(check_in), "check_out": str(out), "guests": 1}

    ids = {str(place.public_id): place.pk for place in places}

    def one_insert(request: HttpRequest) -> HttpResponse:
        asked = json.loads(request.body)
        row = [ids[asked["property"]], guest.pk, asked["check_in"], asked["check_out"], asked["guests"]]
        with connection.cursor() as cursor:
            cursor.execute(_INSERT, row)
            body = json.dumps({"id": str(cursor.fetchone()[0])})
        return HttpResponse(body, status=201, content_type="application/json")

    urls: Any = type(sys)("insert_urls")
    urls.urlpatterns = [path("insert", one_insert), *staybook_urls.urlpatterns]
    sys.modules["insert_urls"] = urls
    override_settings(ROOT_URLCONF="insert_urls").enable()
    with override_settings(MIDDLEWARE=[]):
        bare = WSGIHandler()
    whole, keys, again = WSGIHandler(), itertools.count(), stay()
    return {
        "one insert": lambda: _post(bare, "/insert", stay()),
        "booking": lambda: _post(whole, PATH, stay(), token, f"new-{next(keys)}"),
        "replay": lambda: _post(whole, PATH, again, token, "again"),
    }


def _post(handler: Any, path: str, stay: dict[str, Any], token: str = "", key: str = "") -> bytes:
    asked = {"HTTP_AUTHORIZATION": f"Bearer {token}", "HTTP_IDEMPOTENCY_KEY": key}
    return measured.ask(handler, path, json.dumps(stay).encode(), **asked)[1]


if __name__ == "__main__":
    sys.exit(main())
