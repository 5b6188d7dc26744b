"""Celery, for the consumers of the outbox and for what is done by the clock.

The outbox is what remembers: a task that is lost, or that fails, is sent again by the relay. So nothing here retries.

BROKER_URL chooses the broker. RabbitMQ sees that a worker was killed, and gives its tasks to another at once. Redis
keeps them for ``visibility_timeout``, an hour, which is longer than any task may run. Nobody waits for that: the outbox
sends a message again after a minute, and the copy that comes an hour later finds it consumed, and does nothing. What
beat had sent comes too late, and is dropped for the next of its kind. So over Redis a kill costs a minute, and no mail.
"""

import os
from typing import Any

from celery import Celery

from staybook.common.schedule import EVERY
from staybook.config.env import env

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "staybook.config.settings")

_AMQP: dict[str, Any] = {"confirm_publish": True, "read_timeout": 10, "write_timeout": 10}
"""Without confirms a message that is sent while the broker goes down is lost, and nobody is told."""

app = Celery("staybook", broker=env.broker_url or "memory://")
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_serializer="json",
    task_time_limit=300,
    accept_content=["json"],
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,  # logs stay JSON, with the request's id
    worker_cancel_long_running_tasks_on_connection_loss=True,  # the broker gives them to another
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_connection_timeout=4,
    broker_transport_options=_AMQP if env.broker_url.startswith("amqp") else {},
    timezone="UTC",
    beat_schedule={
        place: {"task": "staybook.run", "args": [place], "schedule": seconds, "options": {"expires": max(seconds, 10)}}
        for place, seconds in EVERY.items()
    },
)
app.autodiscover_tasks(["staybook.common"])
