"""SIGKILL at every statement of a booking, over REST and over GraphQL: no key is stuck, a retry has one effect."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from datetime import timedelta

import pytest
from django.db import connection, connections

from staybook.booking import insertion, services
from staybook.booking.models import Booking, BookingNight
from staybook.common.models import IdempotencyKey, OutboxMessage
from staybook.config.env import env
from tests.factories import SOON, make_property, make_user
from tests.graphql_client import HOLD, ask

pytestmark = pytest.mark.django_db(transaction=True)
MOST = 30
STEPS = ("rate limit", "who asks", "listing", "key, lock, booking, nights and message")
"""Of REST on PostgreSQL; Redis counts without a statement, and SQLite takes the last in six, and commits."""


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def by_rest(asker, place) -> bytes:
    """Book two nights, under one key: the body of a 201, or nothing."""
    stay = {"property": place.public_id, "check_in": SOON, "check_out": SOON + timedelta(2), "guests": 1}
    answer = asker.post("/api/v1/bookings", stay, Idempotency_Key="one")
    return answer.content if answer.status_code == 201 else b""


def by_graphql(asker, place) -> bytes:
    """The same: the data of an answer without errors, or nothing."""
    wish = {"propertyId": str(place.public_id), "checkIn": str(SOON), "checkOut": str(SOON + timedelta(2)), "guests": 1}
    answer = ask(asker, HOLD, {"input": wish, "key": "one"}).json()
    return b"" if "errors" in answer else json.dumps(answer["data"]).encode()


def book_and_die(book, asker, place, moment: str, number: int) -> None:
    """In a process of its own: the ``number``-th statement or commit, before it or after it, is the last."""
    seen = 0

    def count(step):
        nonlocal seen
        seen += 1
        if seen == number and moment == "before":
            die()
        result = step()
        if seen == number and moment == "after":
            die()
        return result

    commit = connection._commit
    connection._commit = lambda: count(commit)
    with connection.execute_wrapper(lambda execute, *facts: count(lambda: execute(*facts))):
        os._exit(0 if book(asker, place) else 1)


def exit_code_of(*arguments) -> int | None:
    """What became of ``book_and_die``: 0 when it answered, -9 when it died."""
    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=book_and_die, args=arguments)
    process.start()
    process.join(60)
    return process.exitcode


@pytest.mark.parametrize("book", [by_rest, by_graphql])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_every_statement_the_retry_has_one_effect(api, moment, book):
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("a database in memory is one process's own")
    deaths = 0
    for number in range(1, MOST):
        guest, place = make_user(), make_property()

        code = exit_code_of(book, api.as_(guest), place, moment, number)
        first, second = book(api.as_(guest), place), book(api.as_(guest), place)

        assert code in {0, -signal.SIGKILL}
        deaths += code != 0
        assert first
        assert first == second
        booking = Booking.objects.get(property=place)
        assert BookingNight.objects.filter(booking=booking).count() == 2
        assert OutboxMessage.objects.filter(payload__booking_id=booking.pk).count() == 1
        assert IdempotencyKey.objects.filter(user=guest).count() == 1
        if code == 0:
            break
    steps = len(STEPS) if connection.vendor == "postgresql" else len(STEPS) + 6
    assert steps - bool(env.redis_url) <= deaths < MOST - 1


def test_control_a_claim_that_is_committed_before_the_effect_promises_what_is_not(api, monkeypatch):
    """The same death, with each statement in a transaction of its own: the retry is told of a booking that is none."""
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("a database in memory is one process's own")
    monkeypatch.setattr(services, "insert", insertion.step_by_step)
    monkeypatch.setattr(insertion, "in_transaction", lambda work, **_: work())
    guest, place = make_user(), make_property()

    moment, number = ("after", 4) if connection.vendor == "postgresql" else ("before", 5)  # SQLite commits as it reads

    code = exit_code_of(by_rest, api.as_(guest), place, moment, number - bool(env.redis_url))

    assert code == -signal.SIGKILL
    assert IdempotencyKey.objects.get(user=guest).status == 201
    assert by_rest(api.as_(guest), place)
    assert not Booking.objects.filter(property=place).exists()
