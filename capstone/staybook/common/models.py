"""What the other apps lean on: messages that leave with a transaction, and answers that are given twice."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from staybook.common import clock


class OutboxMessage(models.Model):
    """Something that happened, told to its consumers after the transaction that it happened in.

    Written in that transaction; open until ``published_at``, when all its consumers have done their part; deleted some
    days later. ``attempts`` counts how often the relay took it, and ``due_at`` says when it may take it again.
    """

    topic = models.CharField(max_length=60)
    payload = models.JSONField()
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(default=clock.now)
    published_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="outbox_waiting", condition=models.Q(published_at=None)),
            models.Index(fields=["published_at"], name="outbox_age", condition=~models.Q(published_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.pk}"


class ConsumedMessage(models.Model):
    """That a consumer has done what a message asks: written together with the effect, so that it happens once."""

    consumer = models.CharField(max_length=80)
    message_id = models.BigIntegerField()
    consumed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["consumer", "message_id"], name="consumed_once")]
        indexes = [models.Index(fields=["consumed_at"], name="consumed_age")]

    def __str__(self) -> str:
        return f"{self.consumer} {self.message_id}"


class IdempotencyKey(models.Model):
    """A request that was answered, and the answer: the same request again is given the same bytes.

    Claim, effect and answer are committed together, so that a crash leaves none of them.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_key_age")]

    def __str__(self) -> str:
        return self.key
