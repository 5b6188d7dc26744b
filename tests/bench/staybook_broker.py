"""What a booking takes while the broker is away, beside one while it is there, in one run.

    python tests/bench/staybook_broker.py [--rounds 20] [--requests 10] [--check]

Three times staybook: a gunicorn and a relay each, on a database of their own. The broker of ``up`` is BROKER_URL, or
a Redis; at that of ``nobody`` nothing listens; that of ``silent`` accepts every connection and never says a word. Each
round lets one client book at each of them, one request after the other, every answer a 201; who is first changes from
round to round. Printed are the medians of a request, the median of each round's ratio to ``up``, and how many of the
messages the relay has got rid of; ``--check`` exits with 1 when a ratio is over its bound.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

sys.path.insert(0, str(Path(__file__).parent))

import measured

BOUNDS = {"nobody": 1.5, "silent": 1.5}


def main() -> int:
    options = measured.options(__doc__, rounds=20, requests=10)
    handed: dict[str, int] = {}
    with ExitStack() as stack:
        stack.enter_context(measured.engines())
        from tests.factories import make_user

        make_user("guest")
        brokers = stack.enter_context(_brokers())
        cases = {name: stack.enter_context(_staybook(name, url, handed)) for name, url in brokers.items()}
        took = _measure(cases, rounds=options.rounds, requests=options.requests)
    if not handed["up"] or handed["nobody"]:
        raise SystemExit(f"the brokers are not what they should be: messages handed over were {handed}")
    over = False
    print(f"{'broker':10}{'ms':>9}{'/ up':>9}{'bound':>8}{'handed over':>14}")
    for name, column in took.items():
        ratio = statistics.median(one / up for one, up in zip(column, took["up"], strict=True))
        bound = BOUNDS.get(name)
        over |= bound is not None and ratio > bound
        print(f"{name:10}{statistics.median(column) * 1000:9.2f}{ratio:9.2f}{bound or '':>8}{handed[name]:14}")
    return int(over and options.check)


@contextmanager
def _brokers() -> Iterator[dict[str, str]]:
    """The address of a broker by the name of its case."""
    from staybook_dev.engines import free_port

    up = os.environ.get("BROKER_URL") or os.environ["REDIS_URL"].rpartition("/")[0] + "/1"
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        held: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    held.append(silent.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield {
            "up": up,
            "nobody": f"amqp://guest:guest@127.0.0.1:{free_port()}//",
            "silent": f"amqp://guest:guest@127.0.0.1:{silent.getsockname()[1]}//",
        }
        silent.shutdown(socket.SHUT_RDWR)
        for one in held:
            one.close()


@contextmanager
def _staybook(name: str, broker: str, handed: dict[str, int]) -> Iterator[Callable[[], None]]:
    """A web server and a relay on a copy of the database; what books two nights there, and demands a 201."""
    from django.db import connection
    from staybook_dev.engines import drop_database, free_port, wait_for_port

    connection.close()  # whose database is copied
    connection.creation.clone_test_db(name, verbosity=0, autoclobber=True)
    port = free_port()
    environ = os.environ | {"DATABASE_URL": _url_of(name), "BROKER_URL": broker, "RELAY": "celery"}
    server = f"-m gunicorn staybook.config.wsgi --bind 127.0.0.1:{port} --worker-class gthread --threads 2"
    commands = (f"{server} --keep-alive 60 --log-level error", "manage.py relay")
    programs = [
        subprocess.Popen([sys.executable, *each.split()], cwd=measured.CAPSTONE, env=environ) for each in commands
    ]
    try:
        wait_for_port(port, 60)
        yield _booker(port)
    finally:
        for program in programs:
            program.terminate()
            program.wait(60)  # a relay gives back what it has in hand
        handed[name] = _handed_over(name)
        drop_database(_url_of(name))


def _url_of(case: str) -> str:
    from django.db import connection

    name = connection.creation.get_test_db_clone_settings(case)["NAME"]
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def _booker(port: int) -> Callable[[], None]:
    from staybook.accounts import tokens
    from staybook.accounts.models import User
    from staybook.catalog.models import Property

    token = tokens.issue_access(User.objects.get(role="guest"))
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    places = [str(place) for place in Property.objects.values_list("public_id", flat=True)]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    booked = 0

    def book() -> None:
        nonlocal booked
        check_in = date(2030, 1, 1) + timedelta(days=2 * (booked // len(places)))
        stay = {"property": places[booked % len(places)], "check_in": str(check_in), "guests": 1}
        body = json.dumps(stay | {"check_out": str(check_in + timedelta(2))})
        booked += 1
        connection.request("POST", "/api/v1/bookings", body, headers | {"Idempotency-Key": f"{booked}"})
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 201:
            raise SystemExit(f"{answer.status} {content[:300]!r}")

    return book


def _measure(cases: dict[str, Callable[[], None]], *, rounds: int, requests: int) -> dict[str, list[float]]:
    """The median seconds of a request, of each round, by case."""
    for book in cases.values():
        book()
    took: dict[str, list[float]] = {name: [] for name in cases}
    for number in range(rounds):
        names = list(cases)
        for name in names[number % 3 :] + names[: number % 3]:
            seconds = []
            for _ in range(requests):
                began = time.perf_counter()
                cases[name]()
                seconds.append(time.perf_counter() - began)
            took[name].append(statistics.median(seconds))
    return took


def _handed_over(case: str) -> int:
    """How many messages the relay has given to its broker."""
    import psycopg

    with psycopg.connect(_url_of(case)) as database:
        found = database.execute("SELECT count(*) FROM common_outboxmessage WHERE attempts > 0").fetchone()
        return int(found[0]) if found else 0


if __name__ == "__main__":
    sys.exit(main())
