"""SIGKILL at every statement of the booking's request: no key is stuck, and the retry has one effect."""

from __future__ import annotations

import multiprocessing
import os
import signal
from datetime import timedelta

import pytest
from django.db import connection, connections

from staybook.booking.models import Booking, BookingNight
from staybook.common.models import IdempotencyKey, OutboxMessage
from tests.factories import SOON, make_property, make_user

pytestmark = pytest.mark.django_db(transaction=True)
MOST = 30


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def post(api, guest, place):
    stay = {"property": place.public_id, "check_in": SOON, "check_out": SOON + timedelta(2), "guests": 1}
    return api.as_(guest).post("/api/v1/bookings", stay, Idempotency_Key="one")


def post_and_die(api, guest, place, moment: str, number: int) -> None:
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
        os._exit(0 if post(api, guest, place).status_code == 201 else 1)


def exit_code_of(*arguments) -> int | None:
    """What became of ``post_and_die``: 0 when it answered, -9 when it died."""
    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=post_and_die, args=arguments)
    process.start()
    process.join(60)
    return process.exitcode


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_every_statement_the_retry_has_one_effect(api, moment):
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("a database in memory is one process's own")
    deaths = 0
    for number in range(1, MOST):
        guest, place = make_user(), make_property()

        code = exit_code_of(api, guest, place, moment, number)
        first, second = post(api, guest, place), post(api, guest, place)

        assert code in {0, -signal.SIGKILL}
        deaths += code != 0
        assert (first.status_code, second.status_code) == (201, 201), (number, first.content)
        assert first.content == second.content
        booking = Booking.objects.get(property=place)
        assert BookingNight.objects.filter(booking=booking).count() == 2
        assert OutboxMessage.objects.filter(payload__booking_id=booking.pk).count() == 1
        assert IdempotencyKey.objects.filter(user=guest).count() == 1
        if code == 0:
            break
    assert 8 <= deaths < MOST - 1


def test_control_a_claim_that_is_committed_before_the_effect_is_stuck(api, monkeypatch):
    """The same death, with the claim in a transaction of its own: the retry is not let in."""
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("a database in memory is one process's own")
    from staybook.common import idempotency

    monkeypatch.setattr(idempotency, "in_transaction", lambda work, **_: work())  # each statement commits itself
    guest, place = make_user(), make_property()

    code = exit_code_of(api, guest, place, "before", 5)

    assert code == -signal.SIGKILL
    assert IdempotencyKey.objects.get(user=guest).status == 0
    assert not Booking.objects.filter(property=place).exists()
