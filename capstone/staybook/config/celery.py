"""Celery, for the consumers of the outbox and for what is done by the clock."""

import os

from celery import Celery

from staybook.config.env import env

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "staybook.config.settings")

app = Celery("staybook", broker=env.broker_url or "memory://")
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    timezone="UTC",
)
app.autodiscover_tasks(
    ["staybook.booking", "staybook.payments", "staybook.notifications", "staybook.traffic", "staybook.common"]
)
