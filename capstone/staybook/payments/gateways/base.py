"""The shape of a payment provider, and what is said between it and ``payments.services``."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from staybook.common.errors import GatewayFailed, Unauthenticated
from staybook.common.money import Money


class Silent(GatewayFailed):
    """No answer came: what was asked may have been done, or not."""

    code = "gateway_silent"


class Refused(GatewayFailed):
    """The provider understood, and will not do it however often it is asked."""

    code = "gateway_refused"

    def __init__(self, detail: str, *, status: int = 400) -> None:
        super().__init__(detail)
        self.status = status


@dataclass(frozen=True, slots=True)
class Charge:
    """What is asked for: our reference, the provider's own id once it is known, and an amount."""

    reference: str
    money: Money
    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where the guest pays."""

    url: str
    provider_id: str


class State(Enum):
    """What a provider knows of a charge. ``OPEN`` may still be paid; ``CLOSED`` never will be."""

    OPEN = "open"
    PAID = "paid"
    FAILED = "failed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The provider's own word; ``captured`` where it is paid, whatever was asked for."""

    state: State
    captured: Money | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """That a webhook came: a reason to ask, and no more. ``key`` is the same for the same event."""

    key: str
    reference: str


class Gateway(Protocol):
    """A provider. Every call but ``parse_webhook`` raises Silent, Refused or GatewayFailed; asking twice is harmless.

    No call may be made inside a transaction: nobody waits for a provider with rows locked.
    """

    currencies: frozenset[str]

    def start(self, charge: Charge, *, return_url: str) -> Redirect:
        """Open a page where ``charge`` is paid, once."""
        ...

    def verify(self, charge: Charge) -> Outcome:
        """Ask what became of it."""
        ...

    def close(self, charge: Charge) -> None:
        """Let nobody pay it any more. Raises Refused when it is too late for that."""
        ...

    def refund(self, charge: Charge, amount: Money, *, reference: str) -> None:
        """Give ``amount`` back, once for each ``reference``."""
        ...

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, *, now_s: float) -> Event:
        """Read a webhook, whose header names are in lower case. Raises Unauthenticated unless the provider signed it,
        and Invalid when nothing can be read from it.
        """
        ...


def check_signature(secret: str, signed: bytes, given: list[str]) -> None:
    """Raise Unauthenticated unless one of ``given`` is the HMAC-SHA256 of ``signed``; compared in constant time."""
    expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode()
    if not any(hmac.compare_digest(expected, one.encode()) for one in given):
        raise Unauthenticated("The signature is not the provider's.", code="signature_invalid")
