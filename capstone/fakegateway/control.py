"""The remote control, below /control: faults, the clock, the webhooks, and the ledger that tests judge by.

- ``POST /control/faults`` ``{"name", "on", "times", "reference", "seconds"}`` arms one (see ``faults``); ``GET`` lists
  the armed ones, ``DELETE`` disarms those of ``?reference=`` or all
- ``POST /control/settings`` ``{"webhooks": "at_once" | "on_flush", "chapa": {"url", "secret"}, "stripe": {…}}``
- ``POST /control/flush`` sends what waits, of ``?reference=`` or all, and answers with the deliveries
- ``GET /control/webhooks`` has every event and the statuses it met
- ``GET /control/ledger`` has every order, what was captured for it and what was given back, in cents, and, counted,
  the calls, and the faults that happened to anybody
- ``POST /control/clock`` ``{"advance_s"}``; ``POST /control/reset`` forgets everything but the settings
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fakegateway.bank import Bank
from fakegateway.faults import Fault
from fakegateway.web import Answer, Request, Routes
from fakegateway.webhooks import Webhooks


class Control:
    """Answers without a key: this program is never open to strangers."""

    def __init__(self, bank: Bank, webhooks: Webhooks, forget: Callable[[], None]) -> None:
        self._bank, self._webhooks, self._forget = bank, webhooks, forget

    def add_to(self, routes: Routes) -> None:
        """Answer there."""
        routes.add("POST", "/control/faults", self._arm)
        routes.add("GET", "/control/faults", lambda _: Answer(200, [vars(one) for one in self._bank.faults.armed()]))
        routes.add("DELETE", "/control/faults", self._disarm)
        routes.add("POST", "/control/settings", self._set)
        routes.add("POST", "/control/flush", self._flush)
        routes.add("GET", "/control/webhooks", self._history)
        routes.add("GET", "/control/ledger", self._ledger)
        routes.add("POST", "/control/clock", self._advance)
        routes.add("POST", "/control/reset", self._reset)
        routes.add("GET", "/control/health", lambda _: Answer(200, {"status": "ok"}))

    def _arm(self, request: Request) -> Answer:
        given = request.json()
        try:
            fault = Fault(
                name=str(given.get("name")),
                on=str(given.get("on")),
                times=int(given.get("times", 1)),
                reference=str(given.get("reference", "")),
                seconds=float(given.get("seconds", 0)),
            )
        except (TypeError, ValueError):
            raise Answer(400, {"message": "times and seconds must be numbers"}) from None
        self._bank.faults.arm(fault)
        return Answer(201, vars(fault))

    def _disarm(self, request: Request) -> Answer:
        self._bank.faults.clear(request.query.get("reference", ""))
        return Answer(200, {})

    def _set(self, request: Request) -> Answer:
        given = request.json()
        if "webhooks" in given:
            self._webhooks.on_flush = given["webhooks"] == "on_flush"
        for provider, dashboard in self._webhooks.dashboards.items():
            for name in {"url", "secret"} & set(given.get(provider, {})):
                setattr(dashboard, name, str(given[provider][name]))
        return Answer(200, {})

    def _flush(self, request: Request) -> Answer:
        sent = self._webhooks.flush(request.query.get("reference", ""))
        shown = ("provider", "event", "reference", "fault", "statuses")
        return Answer(200, [{name: getattr(one, name) for name in shown} for one in sent])

    def _history(self, request: Request) -> Answer:
        return Answer(200, self._webhooks.history(request.query.get("reference", "")))

    def _ledger(self, request: Request) -> Answer:
        wanted = request.query.get("reference")
        orders = [one for one in self._bank.orders() if wanted in (None, one.reference)]
        calls: dict[str, dict[str, int]] = {}
        for (reference, call), count in list(self._bank.calls.items()):
            if wanted in (None, reference):
                calls.setdefault(reference, {})[call] = count
        total: dict[str, Any] = {
            "captured": sum(one.captured for one in orders),
            "refunded": sum(one.refunded for one in orders),
            "faults": dict(self._bank.faults.met),
        }
        return Answer(200, {"orders": [one.reading for one in orders], "calls": calls, **total})

    def _advance(self, request: Request) -> Answer:
        self._bank.advance(float(request.json().get("advance_s", 0)))
        return Answer(200, {"now": self._bank.now()})

    def _reset(self, _: Request) -> Answer:
        self._bank.faults.clear()
        self._bank.faults.met.clear()
        self._bank.reset()
        self._webhooks.reset()
        self._forget()
        return Answer(200, {})
