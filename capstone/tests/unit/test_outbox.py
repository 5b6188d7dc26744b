"""Messages leave with their transaction, and each consumer does its part once."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from staybook.common import clock, outbox, tasks
from staybook.common.context import request_id
from staybook.common.models import ConsumedMessage, OutboxMessage

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def seen(monkeypatch):
    """What the consumers of ``t`` were given, with the id of the request; others do not listen."""
    calls = []
    monkeypatch.setattr(outbox, "_consumers", {})
    outbox.consumer("t")(lambda payload: calls.append((payload["n"], request_id.get())))
    return calls


def publish(*numbers, topic="t"):
    with transaction.atomic():
        outbox.publish_each(topic, ({"n": number} for number in numbers))


def relay_all(deliver=outbox.deliver_here, **options):
    return outbox.relay_once(deliver, **options)


def make_due():
    OutboxMessage.objects.update(due_at=clock.now() - HOUR)


def test_a_message_is_consumed_once_in_order_with_its_request(seen):
    token = request_id.set("r1")
    publish(1, 2)
    request_id.reset(token)

    assert [relay_all(), relay_all()] == [2, 0]
    assert seen == [(1, "r1"), (2, "r1")]
    assert request_id.get() == ""
    assert not OutboxMessage.objects.filter(published_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_a_message_needs_a_transaction_and_goes_with_it(seen):
    with pytest.raises(RuntimeError, match="belongs in the transaction"):
        outbox.publish("t", n=1)
    with transaction.atomic():
        outbox.publish("t", n=1)
        transaction.set_rollback(True)

    assert relay_all() == 0


def test_a_consumer_has_a_name_of_its_own(seen):
    outbox.consumer("t")(_fail)

    with pytest.raises(ValueError, match="consumes 't' already"):
        outbox.consumer("t")(_fail)


def test_a_message_that_comes_twice_is_consumed_once(seen):
    publish(1)
    message = OutboxMessage.objects.get()

    for _ in range(2):
        outbox.deliver_here(message)

    assert len(seen) == 1


def test_one_consumer_that_fails_keeps_back_neither_others_nor_other_messages(seen, caplog):
    failures = [RuntimeError("not yet")]

    @outbox.consumer("t")
    def shaky(payload):
        if payload["n"] == 1 and failures:
            raise failures.pop()
        seen.append(("shaky", payload["n"]))

    publish(1, 2)

    assert relay_all() == 1
    assert "consumer failed" in caplog.text
    assert relay_all() == 0  # its turn comes in some seconds
    make_due()
    assert relay_all() == 1
    assert seen == [(1, ""), (2, ""), ("shaky", 2), ("shaky", 1)]


def test_what_a_failed_consumer_wrote_is_undone(seen):
    @outbox.consumer("t")
    def fails(payload):
        publish(9, topic="other")
        raise RuntimeError

    publish(1)
    relay_all()

    assert not OutboxMessage.objects.filter(topic="other").exists()
    assert ConsumedMessage.objects.count() == 1


def test_turns_come_later_each_time_and_the_log_gets_louder(seen, caplog):
    caplog.set_level(logging.INFO)
    publish(1)
    waits = []

    for _ in range(10):
        make_due()
        relay_all(_fail)
        waits.append(round((OutboxMessage.objects.get().due_at - clock.now()).total_seconds() / 60))

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    levels = [record.levelno for record in caplog.records if record.getMessage() == "not handed over"]
    assert levels == [logging.WARNING] * 8 + [logging.ERROR] * 2


def _fail(message):
    raise RuntimeError("poison")


def test_a_failed_consumer_has_its_next_turn_soon(seen):
    outbox.consumer("t")(_fail)
    publish(1)
    relay_all()

    assert timedelta(0) < OutboxMessage.objects.get().due_at - clock.now() <= timedelta(seconds=2)


def test_a_consumer_outside_a_transaction_runs_again_until_it_is_done(seen, monkeypatch):
    depth = len(connection.savepoint_ids)
    depths, failures = [], [RuntimeError("the provider is away")]

    @outbox.consumer("t", in_transaction=False)
    def asks_elsewhere(payload):
        depths.append(len(connection.savepoint_ids))
        if failures:
            raise failures.pop()

    publish(1)
    for _ in range(3):
        relay_all()
        make_due()

    assert depths == [depth, depth]
    assert len(seen) == 1


def test_an_absent_broker_stops_the_round_and_costs_no_turn(seen):
    def away(message):
        raise outbox.Unreachable("away")

    publish(1, 2)
    with pytest.raises(outbox.Unreachable):
        relay_all(away)

    assert set(OutboxMessage.objects.values_list("attempts", flat=True)) == {0}
    assert relay_all() == 2


def test_told_to_stop_it_finishes_the_message_in_hand(seen):
    handed = []
    publish(1, 2, 3)

    assert relay_all(handed.append, keep_going=lambda: not handed) == 1
    assert relay_all(handed.append) == 2  # the others were left at once


def test_what_is_done_here_is_taken_one_by_one(seen):
    """A relay that is killed holds back the message in hand, and not a hundred."""
    waiting = []

    @outbox.consumer("t")
    def count(payload):
        waiting.append(OutboxMessage.objects.filter(attempts=0).count())

    publish(1, 2, 3)
    relay_all()

    assert waiting == [2, 1, 0]


def test_a_round_is_a_hundred_messages(seen):
    publish(*range(101))

    assert [relay_all(), relay_all()] == [100, 1]


def test_what_is_long_done_is_deleted(seen):
    publish(1, 2)
    outbox.deliver_here(OutboxMessage.objects.first())
    long_ago = clock.now() - outbox.KEPT - HOUR
    OutboxMessage.objects.update(created_at=long_ago)
    OutboxMessage.objects.exclude(published_at=None).update(published_at=long_ago)
    ConsumedMessage.objects.update(consumed_at=long_ago)
    open_one = OutboxMessage.objects.get(published_at=None)
    note = ConsumedMessage.objects.create(consumer="half", message_id=open_one.pk)
    ConsumedMessage.objects.filter(pk=note.pk).update(consumed_at=long_ago)

    assert outbox.clean() == 1
    assert OutboxMessage.objects.get() == open_one  # it is still open, and so are its notes
    assert ConsumedMessage.objects.get() == note


def test_celery_is_given_a_number_and_a_done_message_is_left_alone(seen):
    publish(1)
    number = OutboxMessage.objects.get().pk

    for _ in range(2):
        tasks.consume_message(number)

    assert len(seen) == 1


def test_a_task_that_failed_is_left_to_the_relay(seen):
    outbox.consumer("t")(_fail)
    publish(1)

    with pytest.raises(RuntimeError, match="poison"):
        tasks.consume_message(OutboxMessage.objects.get().pk)
    make_due()

    assert relay_all(lambda message: None) == 1


def test_a_broker_that_refuses_is_unreachable(seen, monkeypatch):
    def refuse(*_, **__):
        raise ConnectionRefusedError

    monkeypatch.setattr(tasks.consume_message, "apply_async", refuse)
    publish(1)

    with pytest.raises(outbox.Unreachable):
        relay_all(tasks.deliver_by_celery)


def test_the_command_hands_over_what_is_due(seen):
    publish(*range(150))
    call_command("relay", "--once")

    assert len(seen) == 150
