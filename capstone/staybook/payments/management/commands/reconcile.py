"""``manage.py reconcile``: ask the providers about every open payment, and give back what is due, once, now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from staybook.payments import services


class Command(BaseCommand):
    help = "Ask the providers about open payments, and let them give back what is due."

    def handle(self, *_: Any, **__: Any) -> None:
        concluded = services.reconcile_once()
        given = services.refund_due_once()
        self.stdout.write(f"{concluded} payments concluded, {given} refunds done")
