"""Mail through the outbox, Celery and a broker, while workers are killed and RabbitMQ closes its connections.

The broker is the machine's, by a virtual host of our own: RABBITMQ_URL names it where it is not guest's on loopback.
`python -m pytest -m slow tests/faults/test_mail.py` is the whole thing: 1,000 bookings, 10 kills, 3 restarts.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from staybook.booking import services
from staybook.booking.models import Booking
from staybook.common.models import OutboxMessage
from staybook.notifications.models import EmailMessage
from staybook_dev.engines import ROOT, free_port, start_redis
from tests.factories import SOON, make_property, make_user
from tests.unit.test_relay import database_url

pytestmark = pytest.mark.django_db(transaction=True)
BROKER = "127.0.0.1:5672"


def rabbitmqctl(*arguments: str) -> bool:
    done = subprocess.run(["rabbitmqctl", *arguments], capture_output=True, timeout=60, check=False)
    return done.returncode == 0


@pytest.fixture
def vhost() -> Iterator[str]:
    """A virtual host of RabbitMQ, with nothing in it, that we may restart."""
    if connection.vendor != "postgresql":
        pytest.skip("many processes write at once: SQLite would make them wait for each other's mail server")
    with socket.socket() as probe:
        is_there = probe.connect_ex(("127.0.0.1", 5672)) == 0
    if shutil.which("rabbitmqctl") is None or not is_there:
        pytest.skip("no RabbitMQ on this machine that we may restart")
    name = f"staybook-{uuid.uuid4().hex[:8]}"
    if not rabbitmqctl("add_vhost", name):
        pytest.skip("this user may not administer the machine's RabbitMQ")
    rabbitmqctl("set_permissions", "-p", name, "guest", ".*", ".*", ".*")
    yield name
    rabbitmqctl("delete_vhost", name)


@pytest.fixture
def inbox() -> Iterator[tuple[int, list[str]]]:
    """The port of a mail server, and the Message-ID of everything that came."""
    from email import message_from_bytes

    from aiosmtpd.controller import Controller

    came: list[str] = []

    class Keep:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
            came.append(message_from_bytes(envelope.content)["Message-ID"])
            return "250 OK"

    controller = Controller(Keep(), hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller.port, came
    controller.stop()


class Fleet:
    """A relay, and a worker with the clock, as processes; the worker can be killed, and comes back."""

    def __init__(self, broker: str, mail_port: int) -> None:
        self._environment = os.environ | {
            "DATABASE_URL": database_url(),
            "BROKER_URL": broker,
            "RELAY": "celery",
            "SMTP_PORT": str(mail_port),
            "LOG_LEVEL": "ERROR",
        }
        self._relay = self._start("manage.py", "relay")
        self._worker = self._start_worker()

    def kill_worker(self) -> None:
        os.killpg(self._worker.pid, signal.SIGKILL)
        self._worker.wait()
        self._worker = self._start_worker()

    def stop(self) -> None:
        self._relay.terminate()
        os.killpg(self._worker.pid, signal.SIGKILL)
        self._worker.wait()
        assert self._relay.wait(30) == 0

    def _start_worker(self) -> subprocess.Popen[bytes]:
        celery = ("-m", "celery", "--app", "staybook.config.celery", "--quiet", "worker", "--concurrency", "2")
        return self._start(*celery, "--beat", "--schedule", "/dev/shm/" + uuid.uuid4().hex, "--loglevel", "ERROR")

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, *arguments]
        return subprocess.Popen(
            command, cwd=ROOT, env=self._environment, start_new_session=True, stderr=subprocess.DEVNULL
        )


def book(count: int) -> None:
    guest, place = make_user(), make_property()
    for number in range(count):
        check_in = SOON + timedelta(days=2 * number)
        stay = {"check_in": check_in, "check_out": check_in + timedelta(days=2), "guests": 1}
        services.hold(guest=guest, property_id=place.public_id, **stay)


def sent() -> int:
    return EmailMessage.objects.exclude(sent_at=None).count()


def wait_for(count: int, patience_s: float) -> None:
    until = time.monotonic() + patience_s
    while sent() < count and time.monotonic() < until:
        time.sleep(0.2)


@pytest.mark.parametrize(
    ("bookings", "kills", "restarts"),
    [(8, 1, 1), pytest.param(1000, 10, 3, marks=pytest.mark.slow)],
)
def test_one_mail_for_each_event_whatever_dies(vhost, inbox, bookings, kills, restarts):
    port, came = inbox
    fleet = Fleet(f"amqp://guest:guest@{BROKER}/{vhost}", port)
    try:
        steps = ["kill"] * kills + ["restart"] * restarts
        for number, step in enumerate(steps, 1):
            share = bookings * number // len(steps) - bookings * (number - 1) // len(steps)
            before = sent()
            book(share)
            wait_for(before + 1, 60)  # in the middle of it
            if step == "kill":
                fleet.kill_worker()
            else:
                rabbitmqctl("close_all_connections", "--vhost", vhost, "restart")
                rabbitmqctl("restart_vhost", "--vhost", vhost)
        wait_for(bookings, 300)
    finally:
        fleet.stop()

    assert_one_for_each(bookings, came, kills)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="many processes write at once")
@pytest.mark.parametrize(("bookings", "kills"), [(5, 0), pytest.param(200, 4, marks=pytest.mark.slow)])
def test_over_redis_it_is_one_too(inbox, bookings, kills):
    """What a killed worker held is sent again when the outbox has its next turn, a minute later."""
    port, came = inbox
    redis = start_redis()
    fleet = Fleet(f"redis://127.0.0.1:{redis.port}/0", port)
    try:
        for _ in range(kills):
            before = sent()
            book(bookings // kills)
            wait_for(before + 1, 60)
            fleet.kill_worker()
        if not kills:
            book(bookings)
        wait_for(bookings, 300)
        until = time.monotonic() + 150
        while OutboxMessage.objects.filter(published_at=None).exists() and time.monotonic() < until:
            time.sleep(0.2)  # killed after the mail, before the note of it: there is another turn
    finally:
        fleet.stop()
        redis.stop()

    assert_one_for_each(bookings, came, kills)


def assert_one_for_each(bookings: int, came: list[str], kills: int) -> None:
    assert sent() == EmailMessage.objects.count() == Booking.objects.count() == bookings
    assert not OutboxMessage.objects.filter(published_at=None).exists()
    assert len(set(came)) == bookings
    assert len(came) - bookings <= kills  # a kill between the server's yes and our mark: the same Message-ID again


def test_without_a_broker_a_stay_is_booked_all_the_same(api, monkeypatch):
    """No connection is opened in the request: not to a broker, not to a mail server, to nothing but the database."""

    def refuse(self: socket.socket, address: Any) -> None:
        raise AssertionError(f"a request connects to {address}")

    place, asker = make_property(), api.as_(make_user())
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    stay = {"property": place.public_id, "check_in": SOON, "check_out": SOON + timedelta(1), "guests": 1}

    assert asker.post("/api/v1/bookings", stay, Idempotency_Key="one").status_code == 201
    assert OutboxMessage.objects.get().published_at is None
