"""``manage.py relay``: hand over what the outbox holds, until told to stop."""

from __future__ import annotations

import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import InterfaceError, OperationalError, connection

from staybook.common import outbox
from staybook.common.schedule import Clockwork
from staybook.config.env import env

_IDLE_S = 0.2
"""Polled, rather than woken by NOTIFY: that takes a lock of the whole database at every commit that publishes."""
_AFTER_FAILURE_S = 1.0
_log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Hand messages of the outbox to their consumers: here, or through Celery (RELAY=celery)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="Hand over what is due now, and end.")

    def handle(self, *, once: bool, **_: Any) -> None:
        deliver = _deliver()
        if once:
            while outbox.relay_once(deliver):
                pass
            return
        stop = threading.Event()
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, lambda *_: stop.set())
        clockwork = Clockwork() if env.relay == "inline" else None
        _log.info("relay started", extra={"relay": env.relay})
        while not stop.is_set():
            stop.wait(_round(deliver, clockwork, stop))
        _log.info("relay stopped")


def _deliver() -> outbox.Deliver:
    if env.relay == "inline":
        return outbox.deliver_here
    from django.utils.module_loading import import_string

    import_string("staybook.config.celery.app").set_default()  # by name: what is common knows no configuration
    from staybook.common.tasks import deliver_by_celery

    return deliver_by_celery


def _round(deliver: outbox.Deliver, clockwork: Clockwork | None, stop: threading.Event) -> float:
    """Hand over, and do what is due; return how long to rest. A database or a broker that is away is waited for."""
    try:
        handed = outbox.relay_once(deliver, keep_going=lambda: not stop.is_set())
        if clockwork:
            clockwork.tick(lambda: not stop.is_set())
    except outbox.Unreachable as error:
        _log.warning("broker away", extra={"error": str(error)})
        return _AFTER_FAILURE_S
    except (OperationalError, InterfaceError) as error:
        _log.warning("database away", extra={"error": str(error)})
        connection.close()
        return _AFTER_FAILURE_S
    return 0 if handed else _IDLE_S
