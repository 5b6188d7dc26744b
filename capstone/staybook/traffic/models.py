"""Who asks: what is kept of requests, for how long, and whom we do not answer."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class RequestRecord(models.Model):
    """That somebody asked. After 30 days the address keeps its first 24 bits (48 of IPv6), after 180 the row goes.

    The purpose is security; docs say so to users. Source: GDPR, article 5 (1) (c) and (e).
    """

    at = models.DateTimeField()
    ip = models.GenericIPAddressField()
    is_truncated = models.BooleanField(default=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    method = models.CharField(max_length=7)
    path = models.CharField(max_length=200)
    status = models.PositiveSmallIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="request_record_age"),
            models.Index(fields=["at"], name="request_record_whole", condition=models.Q(is_truncated=False)),
            models.Index(fields=["ip", "at"], name="request_record_ip"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class BlockedNetwork(models.Model):
    """A network that gets 403, until a moment or for good."""

    network = models.CharField(max_length=43, unique=True, help_text="An address or a network: 203.0.113.0/24")
    reason = models.CharField(max_length=200)
    until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.network


class RateBucket(models.Model):
    """When a caller may ask next, where there is no Redis to keep it: the GCRA's theoretical arrival time."""

    key = models.CharField(max_length=120, primary_key=True)
    arrival = models.FloatField(help_text="Seconds since 1970, by the database's clock.")

    def __str__(self) -> str:
        return self.key
