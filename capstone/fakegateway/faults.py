"""What goes wrong on request: each fault is armed for the next n calls, or for one reference.

On calls (``initialize``, ``pay``, ``verify``, ``refund``, ``close``):

- ``delay``: answers after ``seconds``
- ``error_before``: status 500, and nothing was done
- ``error_after``: everything was done, and then status 500
- ``timeout``: nothing was done, and no answer ever comes
- ``timeout_after``: everything was done (the card was charged), and no answer ever comes

No answer means that the connection is cut after ``seconds``; with 0, at once, so that no test waits.

On ``pay`` alone: ``wrong_amount`` and ``wrong_currency`` charge something else than was asked for.

On ``webhook``: ``lost``, ``duplicate`` (sent three times), ``out_of_order`` (after the one that follows), ``late``
(only ``POST /control/flush`` sends it), ``bad_signature``, ``stale`` (signed an hour ago).
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass

from fakegateway.web import Answer, Handler, Request

ON_CALLS = frozenset({"delay", "error_before", "error_after", "timeout", "timeout_after"})
ON_PAY = frozenset({"wrong_amount", "wrong_currency"})
ON_WEBHOOKS = frozenset({"lost", "duplicate", "out_of_order", "late", "bad_signature", "stale"})
CALLS = frozenset({"initialize", "pay", "verify", "refund", "close"})


@dataclass
class Fault:
    """One fault, and how often it will still happen. Without a reference it happens to whoever comes."""

    name: str
    on: str
    times: int = 1
    reference: str = ""
    seconds: float = 0.0

    def __post_init__(self) -> None:
        fitting = {"webhook": ON_WEBHOOKS, "pay": ON_CALLS | ON_PAY}.get(
            self.on, ON_CALLS if self.on in CALLS else frozenset()
        )
        if self.name not in fitting:
            raise Answer(400, {"message": f"no fault {self.name!r} on {self.on!r}; there are: {sorted(fitting)}"})
        if not 1 <= self.times <= 10_000 or not 0 <= self.seconds <= 600:
            raise Answer(400, {"message": "times must be 1 to 10000, seconds 0 to 600"})


class Faults:
    """The armed ones, first in, first out, and in ``met`` how often each has happened."""

    def __init__(self) -> None:
        self.met: Counter[str] = Counter()
        self._armed: list[Fault] = []
        self._lock = threading.Lock()

    def arm(self, fault: Fault) -> None:
        """Let it happen from now on."""
        with self._lock:
            self._armed.append(fault)

    def clear(self, reference: str = "") -> None:
        """Disarm those of a reference, or all."""
        with self._lock:
            self._armed = [fault for fault in self._armed if reference and fault.reference != reference]

    def armed(self) -> list[Fault]:
        """Those that have not happened yet."""
        with self._lock:
            return list(self._armed)

    def take(self, on: str, reference: str, among: frozenset[str] = ON_CALLS) -> Fault | None:
        """The fault that this call meets, used up by it."""
        with self._lock:
            for fault in self._armed:
                if fault.on == on and fault.name in among and fault.reference in ("", reference):
                    fault.times -= 1
                    self.met[f"{fault.name} on {on}"] += 1
                    if not fault.times:
                        self._armed.remove(fault)
                    return fault
        return None

    def around(self, on: str, reference: str, request: Request, handler: Handler) -> Answer:
        """What ``handler`` answers, unless a fault comes between."""
        fault = self.take(on, reference)
        if fault is None:
            return handler(request)
        if fault.name == "error_before":
            return Answer(500, {"message": "fault: nothing was done", "status": "failed", "data": None})
        if fault.name == "timeout":
            return Answer(0, cut=True, after_s=fault.seconds)
        answer = handler(request)
        if fault.name == "delay":
            answer.after_s = fault.seconds
            return answer
        if fault.name == "error_after":
            return Answer(500, {"message": "fault: it was done", "status": "failed", "data": None})
        return Answer(0, cut=True, after_s=fault.seconds)
