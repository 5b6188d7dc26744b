"""What is done by the clock: one table, read by Celery's beat, and by the relay where there is no Celery.

Each may run in several processes at a time: they take rows that others have not locked, or change only what is due.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.utils.module_loading import import_string

EVERY: dict[str, int] = {
    "staybook.booking.services.expire_overdue": 30,
    "staybook.booking.services.complete_past": 3600,
    "staybook.payments.refunds.refund_due_once": 10,
    "staybook.payments.services.reconcile_once": 30,
    "staybook.notifications.services.send_waiting": 2,
    "staybook.common.outbox.clean": 3600,
    "staybook.common.idempotency.clean": 3600,
    "staybook.accounts.services.forget_old_tokens": 3600,
    "staybook.traffic.tasks.truncate_addresses": 3600,
    "staybook.traffic.tasks.forget_requests": 3600,
    "staybook.traffic.tasks.forget_limits_and_blocks": 3600,
}
"""Seconds from one call to the next, by the function's place."""

_log = logging.getLogger(__name__)


def run(place: str) -> None:
    """Call one of the table's functions. Raises KeyError for what is not in it, whoever asks."""
    if place not in EVERY:
        raise KeyError(place)
    import_string(place)()


class Clockwork:
    """Runs what is due, in this process; ``now`` gives seconds that only grow."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._due = dict.fromkeys(EVERY, now())

    def tick(self, keep_going: Callable[[], bool] = lambda: True) -> None:
        """Run what is due. One that fails is logged, has its next turn in time, and keeps no other back."""
        for place, due in self._due.items():
            if not keep_going() or self._now() < due:
                continue
            try:
                run(place)
            except Exception:
                _log.exception("scheduled work failed", extra={"place": place})
            self._due[place] = self._now() + EVERY[place]
