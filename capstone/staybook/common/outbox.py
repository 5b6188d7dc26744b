"""Messages that leave with the transaction: written in it, and open until their consumers have done their part.

``publish`` inside the transaction that makes it true. ``relay_once`` takes what is due, oldest first, each message by
one relay only, and hands it to its consumers: in this process (``RELAY=inline``) or through Celery. It takes a message
by putting off its next turn, in a short transaction of its own, so that neither a broker nor a consumer is waited for
with a row locked. What is not done by then (a consumer that failed, a worker that was killed, a broker that forgot)
has another turn, later each time.

So a message comes once or more often, and in no promised order. ``consume`` makes the second time nothing: a consumer's
effect and the note that it was done commit together.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest

from staybook.common import clock
from staybook.common.context import request_id
from staybook.common.models import ConsumedMessage, OutboxMessage
from staybook.common.transactions import insert_unless_taken

Consumer = Callable[[Mapping[str, Any]], None]
Deliver = Callable[[OutboxMessage], None]

KEPT = timedelta(days=7)
"""How long messages are kept that are done; longer than any of them may come again."""
_TURN, _LONGEST_TURN = timedelta(seconds=60), timedelta(hours=1)
_AFTER_FAILURE = timedelta(seconds=1)
_ALARMING = 8
_BATCH = 100
_log = logging.getLogger(__name__)


class _Registered(NamedTuple):
    name: str
    function: Consumer
    in_transaction: bool


class Unreachable(Exception):
    """Nothing can be handed over for now: raised by a ``deliver`` whose broker is away."""


_consumers: dict[str, list[_Registered]] = {}


def publish(topic: str, **payload: Any) -> None:
    """Tell the consumers of ``topic``, if this transaction commits. ``payload`` is plain JSON, ids rather than people.

    Raises RuntimeError outside a transaction: the message would not share the fate of what it tells.
    """
    _demand_transaction(topic)
    insert_unless_taken(OutboxMessage(topic=topic, payload=payload, request_id=request_id.get()))


def publish_each(topic: str, payloads: Iterable[Mapping[str, Any]]) -> None:
    """As ``publish``, a message for each payload, in one statement."""
    _demand_transaction(topic)
    sender = request_id.get()
    OutboxMessage.objects.bulk_create(
        OutboxMessage(topic=topic, payload=dict(payload), request_id=sender) for payload in payloads
    )


def consumer(topic: str, *, in_transaction: bool = True) -> Callable[[Consumer], Consumer]:
    """Register a function for ``topic``: it does its part once for each message, in a transaction of its own.

    One that calls another service says ``in_transaction=False``: it runs outside, at least once, perhaps in two workers
    at a time, and must make a second run harmless by itself. Raises ValueError for a second one of the same name.
    """

    def register(function: Consumer) -> Consumer:
        name = f"{function.__module__.removeprefix('staybook.')}.{function.__name__}"
        if any(each.name == name for each in _consumers.get(topic, ())):
            raise ValueError(f"{name} consumes {topic!r} already")
        _consumers.setdefault(topic, []).append(_Registered(name, function, in_transaction))
        return function

    return register


def consume(message_id: int, topic: str, payload: Mapping[str, Any], sender: str) -> None:
    """Let every consumer of ``topic`` do its part, and close the message; ``sender`` is the request it began with.

    Raises what a consumer raises, after the others have had their turn: theirs stays done, the message stays open, and
    comes again soon.
    """
    token = request_id.set(sender)
    try:
        failures = [error for each in _consumers.get(topic, ()) if (error := _consume_by(each, message_id, payload))]
        message = OutboxMessage.objects.filter(pk=message_id, published_at=None)
        if failures:
            message.update(due_at=clock.now() + _AFTER_FAILURE * 2 ** _attempts_of(message_id))
            raise failures[0]
        message.update(published_at=clock.now())
        _log.info("message consumed", extra={"message_id": message_id, "topic": topic})
    finally:
        request_id.reset(token)


def deliver_here(message: OutboxMessage) -> None:
    """Do in this process what the message asks."""
    consume(message.pk, message.topic, message.payload, message.request_id)


def relay_once(deliver: Deliver, *, keep_going: Callable[[], bool] = lambda: True) -> int:
    """Hand over what is due, at most a hundred messages; return how many were handed over without an error.

    A message that cannot be handed over has another turn later, and keeps no other back. When ``keep_going`` says no,
    the message in hand is finished, and the others are left to the next relay, at once; as all are when ``deliver``
    raises Unreachable, which is passed on.
    """
    size = 1 if deliver is deliver_here else _BATCH  # who is killed holds back what it took: one, or what is quick
    taken = handed = 0
    while taken < _BATCH and keep_going() and (batch := _take(size)):
        taken += len(batch)
        handed += _hand_over(batch, deliver, keep_going)
    return handed


def clean() -> int:
    """Delete what was done long ago; return how many messages."""
    border = clock.now() - KEPT
    ConsumedMessage.objects.filter(consumed_at__lt=border).exclude(
        message_id__in=OutboxMessage.objects.filter(published_at=None).values("pk")
    ).delete()
    return OutboxMessage.objects.filter(published_at__lt=border).delete()[0]


def _demand_transaction(topic: str) -> None:
    if not connection.in_atomic_block:
        raise RuntimeError(f"publish({topic!r}) belongs in the transaction that makes it true")


def _consume_by(consumer: _Registered, message_id: int, payload: Mapping[str, Any]) -> Exception | None:
    note = ConsumedMessage(consumer=consumer.name, message_id=message_id)
    try:
        if consumer.in_transaction:
            with transaction.atomic():
                if insert_unless_taken(note):
                    consumer.function(payload)
        elif not ConsumedMessage.objects.filter(consumer=consumer.name, message_id=message_id).exists():
            consumer.function(payload)
            insert_unless_taken(note)
    except Exception as error:
        _log.exception("consumer failed", extra={"consumer": consumer.name, "message_id": message_id})
        return error
    return None


def _take(size: int) -> list[OutboxMessage]:
    now = clock.now()
    with transaction.atomic():
        due = OutboxMessage.objects.filter(published_at=None, due_at__lte=now).order_by("id")
        batch = list(due.select_for_update(skip_locked=True)[:size])  # SQLite has one writer, and ignores it
        for attempts in {message.attempts for message in batch}:
            turn = min(_TURN * 2 ** min(attempts, 10), _LONGEST_TURN)
            group = [message.pk for message in batch if message.attempts == attempts]
            OutboxMessage.objects.filter(pk__in=group).update(due_at=now + turn, attempts=F("attempts") + 1)
    return batch


def _hand_over(batch: list[OutboxMessage], deliver: Deliver, keep_going: Callable[[], bool]) -> int:
    handed = 0
    left = list(reversed(batch))
    try:
        while left and keep_going():
            try:
                deliver(message := left[-1])
                handed += 1
            except Unreachable:
                raise
            except Exception as error:
                level = logging.ERROR if message.attempts >= _ALARMING else logging.WARNING
                facts = {"message_id": message.pk, "attempts": message.attempts + 1, "error": repr(error)}
                _log.log(level, "not handed over", extra=facts)
            left.pop()
    finally:
        if left:
            others = OutboxMessage.objects.filter(pk__in=[message.pk for message in left], published_at=None)
            others.update(due_at=clock.now(), attempts=Greatest(F("attempts") - 1, 0))
    return handed


def _attempts_of(message_id: int) -> int:
    attempts = OutboxMessage.objects.filter(pk=message_id).values_list("attempts", flat=True).first()
    return min(attempts or 0, 12)
