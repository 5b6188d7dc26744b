"""Waves of clients who want the same nights at the same moment, over HTTP, against a gunicorn of our own.

    python -m tests.races.rush [--attempts 100000] [--clients 16 64] [--without-constraint] [--duplicates 1000]

REST and GraphQL take turns. Ends with 1 when a night was sold twice, a wave had not exactly one winner, the database
saw a deadlock, or anything but 201 and 409 was answered. ``--without-constraint`` is the control: the rule is dropped,
and it ends with 1 unless nights were sold twice. ``--duplicates`` sends one request so many times, from 16 clients,
over REST and then over GraphQL: one booking each, and the same bytes for all. Runs on a database of its own on the
server of DATABASE_URL, or embedded.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from staybook_dev.engines import ROOT, ensure_postgres, free_port, wait_for_port

DATABASE = "staybook_rush"
GUESTS, PLACES = 256, 50
FIRST = date(2030, 1, 1)
HOLD = "mutation($i: HoldInput!, $k: String!) { hold(input: $i, idempotencyKey: $k) { id } }"
TAKEN = "nights_taken"


class Stay(NamedTuple):
    place: str
    check_in: date

    def as_rest(self) -> dict[str, Any]:
        out = self.check_in + timedelta(days=2)
        return {"property": self.place, "check_in": str(self.check_in), "check_out": str(out), "guests": 1}

    def as_graphql(self) -> dict[str, Any]:
        out = self.check_in + timedelta(days=2)
        return {"propertyId": self.place, "checkIn": str(self.check_in), "checkOut": str(out), "guests": 1}


class Caller:
    """One connection, kept open, which speaks for whoever's token it is given."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def post(self, path: str, body: dict[str, Any], token: str, **headers: str) -> tuple[int, bytes]:
        """A connection that the server has closed meanwhile is opened again: the key makes the second time harmless."""
        told = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"} | headers
        for is_last in (False, True):
            try:
                self._connection.request("POST", path, json.dumps(body), told)
                answer = self._connection.getresponse()
                return answer.status, answer.read()
            except (ConnectionError, http.client.RemoteDisconnected):
                self._connection.close()
                if is_last:
                    raise
        raise AssertionError

    def warm(self, token: str) -> None:
        """Let the server import what it needs, which is nobody's wait."""
        self.post("/api/v1/bookings", {}, token)
        self.post("/graphql", {"query": "{ __typename }"}, token)

    def rest(self, stay: Stay, token: str) -> str:
        key = {"Idempotency-Key": str(uuid.uuid4())}
        status, body = self.post("/api/v1/bookings", stay.as_rest(), token, **key)
        return "won" if status == 201 else json.loads(body)["code"] if status == 409 else f"{status} {body[:200]!r}"

    def graphql(self, stay: Stay, token: str) -> str:
        variables = {"i": stay.as_graphql(), "k": str(uuid.uuid4())}
        status, body = self.post("/graphql", {"query": HOLD, "variables": variables}, token)
        answer = json.loads(body) if status == 200 else {}
        if (answer.get("data") or {}).get("hold"):
            return "won"
        codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
        return TAKEN if codes == [TAKEN] else f"{status} {body[:200]!r}"

    def rest_once(self, stay: Stay, token: str) -> bytes:
        """The body of a 201, or nothing."""
        status, body = self.post("/api/v1/bookings", stay.as_rest(), token, **{"Idempotency-Key": "rest"})
        return body if status == 201 else b""

    def graphql_once(self, stay: Stay, token: str) -> bytes:
        """The data of an answer without errors, or nothing: its extensions say whether it is a replay."""
        variables = {"i": stay.as_graphql(), "k": "graphql"}
        status, body = self.post("/graphql", {"query": HOLD, "variables": variables}, token)
        answer = json.loads(body) if status == 200 else {"errors": status}
        return b"" if "errors" in answer else json.dumps(answer["data"]).encode()


def main() -> int:
    options = _options()
    _use_database()
    from tests.races import rush_market as market

    tokens, places = market.open_market(GUESTS, PLACES)
    if options.without_constraint:
        market.drop_constraint()
    with _gunicorn() as port:
        if options.duplicates:
            return _duplicates(port, places, tokens, options.duplicates)
        bad = False
        for round_number, clients in enumerate(options.clients):
            share = options.attempts // len(options.clients)
            outcomes, took = _rush(port, places, tokens, clients, waves=share // clients, offset=round_number)
            bad |= _told(clients, outcomes, took)
        overlaps, deadlocks = market.overlaps(), market.deadlocks()
    print(f"overlapping pairs: {overlaps}, deadlocks: {deadlocks}")
    return int(overlaps == 0) if options.without_constraint else int(bad or overlaps > 0 or deadlocks > 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attempts", type=int, default=100_000)
    parser.add_argument("--clients", type=int, nargs="+", default=[16, 64])
    parser.add_argument("--without-constraint", action="store_true")
    parser.add_argument("--duplicates", type=int, nargs="?", const=1000)
    return parser.parse_args()


def _use_database() -> None:
    url = urlsplit(ensure_postgres(DATABASE))
    os.environ["DATABASE_URL"] = urlunsplit(url._replace(path=f"/{DATABASE}"))
    os.environ |= {
        "LOG_LEVEL": "ERROR",
        "LIMIT_WRITES": "1000000",
        "DJANGO_SETTINGS_MODULE": "staybook.config.settings",
    }


@contextmanager
def _gunicorn() -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "staybook.config.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gthread", "--workers", "2", "--threads", "8", "--log-level", "error"]
    command += ["--keep-alive", "30"]
    server = subprocess.Popen(command, cwd=ROOT)
    try:
        wait_for_port(port, 30)
        yield port
    finally:
        server.terminate()
        server.wait(30)


class _Tokens:
    """Access tokens, renewed before they are out of time."""

    def __init__(self, issue: Any) -> None:
        self._issue, self._made, self._tokens = issue, 0.0, []

    def of(self, number: int) -> str:
        if time.monotonic() - self._made > 600:
            self._tokens, self._made = self._issue(), time.monotonic()
        return self._tokens[number % len(self._tokens)]


def _rush(
    port: int, places: list[str], issue: Any, clients: int, *, waves: int, offset: int
) -> tuple[list[Counter[str]], list[float]]:
    """The outcomes of each wave, and the seconds that each attempt took."""
    outcomes: list[Counter[str]] = [Counter() for _ in range(waves)]
    took: list[float] = []
    ready, tokens, lock = threading.Barrier(clients), _Tokens(issue), threading.Lock()
    first = FIRST + timedelta(days=offset * 5000)

    def client(number: int) -> None:
        caller = Caller(port)
        ask = (caller.rest, caller.graphql)[number % 2]
        caller.warm(tokens.of(number))
        for wave in range(waves):
            stay = Stay(places[wave % len(places)], first + timedelta(days=2 * (wave // len(places))))
            with lock:
                token = tokens.of(wave * clients + number)
            ready.wait(120)
            began = time.perf_counter()
            outcome = ask(stay, token)
            seconds = time.perf_counter() - began
            with lock:
                outcomes[wave][outcome] += 1
                took.append(seconds)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes, took


def _told(clients: int, outcomes: list[Counter[str]], took: list[float]) -> bool:
    """Print a round; whether anything in it may not be."""
    total = sum(outcomes, Counter())
    uneven = sum(wave["won"] != 1 for wave in outcomes)
    strange = {outcome: count for outcome, count in total.items() if outcome not in {"won", TAKEN}}
    took.sort()
    p50, p99 = (took[int(len(took) * share)] * 1000 for share in (0.5, 0.99))
    print(f"{clients} clients: {total.total()} attempts, {len(outcomes)} waves, {total['won']} won,", end=" ")
    print(f"{uneven} waves without exactly one winner, other answers: {strange or 'none'};", end=" ")
    print(f"p50 {p50:.0f} ms, p99 {p99:.0f} ms", flush=True)
    return bool(uneven or strange)


def _duplicates(port: int, places: list[str], issue: Any, count: int) -> int:
    """One request over REST, and one over GraphQL, ``count`` times each: 1 unless all have the same bytes."""
    from tests.races import rush_market as market

    token, bad = issue()[0], False
    for number, once in enumerate((Caller.rest_once, Caller.graphql_once)):
        answers = _sent_by_all(port, once, Stay(places[number], FIRST), token, count)
        bookings = market.bookings() - number
        print(f"{once.__name__}: {len(answers)} duplicates, {len(set(answers))} answer(s), {bookings} booking(s)")
        bad |= not all(answer and answer == answers[0] for answer in answers)
        bad |= len(answers) != count or bookings != 1
    return int(bad)


def _sent_by_all(port: int, once: Any, stay: Stay, token: str, count: int, clients: int = 16) -> list[bytes]:
    """What one request was answered, sent so many times by so many clients."""
    answers: list[bytes] = []

    def client(number: int) -> None:
        caller = Caller(port)
        for _ in range(number, count, clients):
            answers.append(once(caller, stay, token))

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


if __name__ == "__main__":
    sys.exit(main())
