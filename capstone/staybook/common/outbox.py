"""Messages that leave with the transaction: written in it, handed to their consumers after it.

``publish`` inside the transaction that makes it true. ``relay_once`` takes what waits, oldest first, each message by
one relay only, and hands it to its consumers: in this process (``RELAY=inline``) or to Celery. A message may come
twice, after a crash between handing over and marking; ``consume`` makes the second time nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from staybook.common import clock
from staybook.common.context import request_id
from staybook.common.models import ConsumedMessage, OutboxMessage

Consumer = Callable[[Mapping[str, Any]], None]
Deliver = Callable[[OutboxMessage], None]

_consumers: dict[str, list[tuple[str, Consumer]]] = {}
_BATCH = 100
_log = logging.getLogger(__name__)


def publish(topic: str, **payload: Any) -> None:
    """Tell the consumers of ``topic``, if this transaction commits. ``payload`` is plain JSON, ids rather than people.

    Raises RuntimeError outside a transaction: the message would not share the fate of what it tells.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"publish({topic!r}) belongs in the transaction that makes it true")
    OutboxMessage.objects.create(topic=topic, payload=payload, request_id=request_id.get())


def consumer(topic: str) -> Callable[[Consumer], Consumer]:
    """Register a function for ``topic``: it is called once for each message, in a transaction of its own."""

    def register(function: Consumer) -> Consumer:
        name = f"{function.__module__.removeprefix('staybook.')}.{function.__name__}"
        _consumers.setdefault(topic, []).append((name, function))
        return function

    return register


def consume(message_id: int, topic: str, payload: Mapping[str, Any], sender: str) -> None:
    """Let every consumer of ``topic`` do its part, once; ``sender`` is the id of the request it began with.

    Raises what a consumer raises: the others have done theirs, and the message will come again.
    """
    token = request_id.set(sender)
    failed: Exception | None = None
    try:
        for name, function in _consumers.get(topic, ()):
            try:
                with transaction.atomic():
                    _, is_new = ConsumedMessage.objects.get_or_create(consumer=name, message_id=message_id)
                    if is_new:
                        function(payload)
            except Exception as error:
                _log.exception("consumer failed", extra={"consumer": name, "message_id": message_id, "topic": topic})
                failed = failed or error
    finally:
        request_id.reset(token)
    if failed:
        raise failed


def deliver_here(message: OutboxMessage) -> None:
    """Do in this process what the message asks."""
    consume(message.pk, message.topic, message.payload, message.request_id)


def relay_once(deliver: Deliver) -> int:
    """Hand over what waits, at most a hundred; return how many messages were handed over.

    A message that cannot be handed over stays, with one attempt more, and keeps no other back.
    """
    handed = 0
    with transaction.atomic():
        waiting = OutboxMessage.objects.filter(published_at=None).order_by("attempts", "id")
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True)
        for message in waiting[:_BATCH]:
            try:
                with transaction.atomic():
                    deliver(message)
            except Exception as error:
                _log.warning("not handed over", extra={"message_id": message.pk, "error": str(error)})
                OutboxMessage.objects.filter(pk=message.pk).update(attempts=F("attempts") + 1)
            else:
                OutboxMessage.objects.filter(pk=message.pk).update(published_at=clock.now())
                handed += 1
    return handed
