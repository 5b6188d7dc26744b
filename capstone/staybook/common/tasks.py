"""What Celery's workers are asked to do: consume a message, or do what is due. Only Celery imports this."""

from __future__ import annotations

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from staybook.common import outbox, schedule
from staybook.common.models import OutboxMessage

_log = logging.getLogger(__name__)


@shared_task(name="staybook.consume")  # type: ignore[untyped-decorator]
def consume_message(message_id: int) -> None:
    """Let the consumers of an open message do their part; one that is done is left alone, however often it comes."""
    message = OutboxMessage.objects.filter(pk=message_id, published_at=None).first()
    if message is not None:
        outbox.deliver_here(message)


@shared_task(name="staybook.run")  # type: ignore[untyped-decorator]
def run(place: str) -> None:
    """Do what is due by the clock. A failure is logged; the clock comes again."""
    schedule.run(place)


def deliver_by_celery(message: OutboxMessage) -> None:
    """Hand a message's number to the broker, which confirms that it has it. Raises Unreachable."""
    try:
        consume_message.apply_async([message.pk], retry=False)
    except (OperationalError, OSError) as error:
        raise outbox.Unreachable(f"the broker does not answer: {error!r}") from error
    facts = {"message_id": message.pk, "topic": message.topic, "request_id": message.request_id}
    _log.info("message handed over", extra=facts)
