"""Mail that was written, and whether it has left."""

from __future__ import annotations

from django.db import models

from staybook.common import clock

GIVEN_UP = 10
"""After so many refusals a mail is not tried again; the admin shows it."""


class EmailMessage(models.Model):
    """One mail. ``dedupe_key`` names the event that it tells of: the same event never makes a second mail."""

    dedupe_key = models.CharField(max_length=120, unique=True)
    to = models.EmailField(max_length=254)
    subject = models.CharField(max_length=150)
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(default=clock.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["id"], name="email_waiting", condition=models.Q(sent_at=None))]

    def __str__(self) -> str:
        return self.subject
