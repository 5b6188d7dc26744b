"""What is away is missed as little as can be; who is told to end finishes first."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from tests.stack.composed import docker, until
from tests.stack.guest import Guest

pytestmark = pytest.mark.stack
CLIENTS = 8


def test_without_the_broker_a_stay_is_booked_and_the_mail_follows(stack, guest):
    stay = guest.find()
    with stack.without("rabbitmq"):
        began = time.monotonic()
        guest.hold(stay)
        print(f"\nA hold without the broker: {time.monotonic() - began:.2f} s.")
        assert not guest.mails()

    assert guest.is_told("Held for you"), guest.mails()


def test_without_redis_a_stay_is_found_and_booked(stack, guest):
    with stack.without("redis"):
        began = time.monotonic()
        stay = guest.find()
        guest.hold(stay)
        print(f"\nA search and a hold without Redis: {time.monotonic() - began:.2f} s.")

    assert guest.is_told("Held for you"), guest.mails()


def test_without_the_database_it_lives_and_is_not_ready(stack, guest):
    def asks(path):
        return guest.http.get(path).status_code

    booking = guest.hold()
    with stack.without("postgres"):
        assert until(lambda: asks("/readyz") == 503)
        assert asks("/healthz") == 200

    assert until(lambda: asks("/readyz") == 200)
    assert guest.get(f"/api/v1/bookings/{booking}")["status"] == "held"
    assert guest.is_told("Held for you"), guest.mails()


@pytest.mark.parametrize("way", ["stop", "kill"])
def test_a_worker_that_ends_leaves_its_work_to_the_next(stack, guest, way):
    bookings = [guest.hold() for _ in range(5)]
    stack.compose(way, "staybook-worker")
    bookings += [guest.hold() for _ in range(5)]
    stack.compose("start", "staybook-worker")

    assert until(lambda: len(guest.mails()) >= len(bookings), 150)
    assert guest.is_told(*["Held for you"] * len(bookings)), guest.mails()


class Crowd:
    """Clients who want the same nights, again and again: what one of them is given, the others are told is taken."""

    def __init__(self, guest: Guest) -> None:
        self._http, self._stay = guest.http, guest.find()
        self._lock, self._over = threading.Lock(), threading.Event()
        self.answered: Counter[int] = Counter()

    def __enter__(self) -> Crowd:
        self._pool = ThreadPoolExecutor(CLIENTS)
        self._clients = [self._pool.submit(self._ask) for _ in range(CLIENTS)]
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._pool.shutdown()
        for client in self._clients:
            client.result()

    def _ask(self) -> None:
        while not self._over.is_set():
            answer = self._http.post("/api/v1/bookings", json=self._stay, headers={"Idempotency-Key": str(uuid4())})
            with self._lock:
                self.answered[answer.status_code] += 1


@pytest.mark.parametrize("way", ["stop", "kill"])
def test_a_web_process_that_ends_costs_nobody_an_answer(stack, guest, way):
    """One of two behind the proxy, which asks the other what this one was asked: by its key that has one effect."""
    crowd = Crowd(guest)
    stack.compose("up", "--detach", "--wait", "--no-recreate", "--scale", "staybook-web=2")
    stack.compose("exec", "-T", "proxy", "nginx", "-s", "reload")
    first = stack.containers("staybook-web")[0]
    try:
        with crowd:
            until(lambda: crowd.answered.total() >= CLIENTS)
            before = crowd.answered.total()
            docker(way, first)
            ended = crowd.answered.total()
            until(lambda: crowd.answered.total() >= ended + CLIENTS)
    finally:
        stack.compose("up", "--detach", "--wait", "--scale", "staybook-web=1")
        stack.compose("exec", "-T", "proxy", "nginx", "-s", "reload")

    print(f"\nBy {way}, with {ended - before} answers meanwhile: {dict(crowd.answered)}.")
    assert set(crowd.answered) == {201, 409}
    assert crowd.answered[201] == 1
    assert ended > before, "nobody was answered meanwhile"
