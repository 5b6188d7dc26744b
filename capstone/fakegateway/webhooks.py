"""What the providers tell the shop, signed as each of them signs, sent by a thread and again after a failure.

Sources: developer.chapa.co/integrations/webhooks and docs.stripe.com/webhooks. Left out: retries over days (here five,
with 1, 2, 4 and 8 seconds between), several endpoints a provider, versions of events.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fakegateway.bank import Order
from fakegateway.faults import ON_WEBHOOKS, Faults
from fakegateway.shapes import chapa_event, stripe_event

_PATIENCE_S = 10.0
_ATTEMPTS = 5


@dataclass
class Dashboard:
    """What a shop's owner sets on a provider's site."""

    url: str
    secret: str


@dataclass
class Delivery:
    """One event on its way. ``held`` ones wait for a flush; ``statuses`` has one entry for each attempt, 0 for none."""

    provider: str
    event: str
    reference: str
    body: bytes
    fault: str = ""
    copies: int = 1
    held: bool = False
    due: float = 0.0
    statuses: list[int] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether it was taken, or given up."""
        return any(200 <= status < 300 for status in self.statuses) or len(self.statuses) >= _ATTEMPTS


def sign(provider: str, secret: str, body: bytes, at: int) -> dict[str, str]:
    """The headers by which the shop knows who sends."""
    if provider == "chapa":
        return {"x-chapa-signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}
    signature = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={at},v1={signature}"}


class Webhooks:
    """The queue of events. ``on_flush`` keeps everything back until ``flush``, so that a test decides when."""

    def __init__(self, faults: Faults, now: Callable[[], float]) -> None:
        self.dashboards: dict[str, Dashboard] = {}
        self.on_flush = False
        self._faults, self._now = faults, now
        self._waiting: list[Delivery] = []
        self._all: list[Delivery] = []
        self._changed = threading.Condition()
        threading.Thread(target=self._send_for_ever, name="webhooks", daemon=True).start()

    def tell(self, order: Order, what: str) -> None:
        """Queue the event, with whatever fault is armed for it."""
        kind, body = (chapa_event if order.provider == "chapa" else stripe_event)(order, what)
        fault = self._faults.take("webhook", order.reference, ON_WEBHOOKS)
        delivery = Delivery(order.provider, kind, order.reference, json.dumps(body).encode(), due=self._now())
        if fault:
            delivery.fault = fault.name
            delivery.copies = {"lost": 0, "duplicate": 3}.get(fault.name, 1)
            delivery.held = fault.name in ("late", "out_of_order")
        with self._changed:
            self._all.append(delivery)
            if delivery.copies:
                overtaken = [one for one in self._waiting if one.fault == "out_of_order" and one.held]
                self._waiting.append(delivery)
                if not delivery.held:
                    for one in overtaken:  # what follows goes first
                        self._waiting.remove(one)
                        self._waiting.append(one)
                        one.held = False
            self._changed.notify_all()

    def flush(self, reference: str = "") -> list[Delivery]:
        """Send everything that waits, or what waits for one reference, now, one after the other; return it."""
        with self._changed:
            chosen = [one for one in self._waiting if reference in ("", one.reference)]
            chosen.sort(key=lambda one: one.held)  # those that were held come last
            self._waiting = [one for one in self._waiting if one not in chosen]
        for delivery in chosen:
            self._send(delivery)
        return chosen

    def history(self, reference: str = "") -> list[dict[str, Any]]:
        """Every event that there was, and what became of it."""
        with self._changed:
            chosen = [one for one in self._all if reference in ("", one.reference)]
        return [
            {name: getattr(one, name) for name in ("provider", "event", "reference", "fault", "held", "statuses")}
            for one in chosen
        ]

    def reset(self) -> None:
        """Forget everything."""
        with self._changed:
            self._waiting.clear()
            self._all.clear()

    def _send(self, delivery: Delivery) -> None:
        """One attempt. What nobody took waits for the next one."""
        delivery.held = False
        for _ in range(delivery.copies):
            delivery.statuses.append(self._post(delivery))
        if not delivery.is_over:
            with self._changed:
                delivery.due = self._now() + 2 ** (len(delivery.statuses) - 1)
                self._waiting.append(delivery)

    def _post(self, delivery: Delivery) -> int:
        dashboard = self.dashboards[delivery.provider]
        at = int(self._now()) - (3600 if delivery.fault == "stale" else 0)
        secret = "not the secret" if delivery.fault == "bad_signature" else dashboard.secret
        headers = {"Content-Type": "application/json", **sign(delivery.provider, secret, delivery.body, at)}
        request = urllib.request.Request(dashboard.url, delivery.body, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE_S) as answer:
                status: int = answer.status
                return status
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code
        except OSError:
            return 0

    def _next(self) -> Delivery | None:
        """The first that is due and not held, taken from the queue."""
        if self.on_flush:
            return None
        found = next((one for one in self._waiting if not one.held and one.due <= self._now()), None)
        if found:
            self._waiting.remove(found)
        return found

    def _send_for_ever(self) -> None:
        while True:
            with self._changed:
                delivery = self._next()
                if delivery is None:
                    self._changed.wait(timeout=0.5)
                    continue
            self._send(delivery)
