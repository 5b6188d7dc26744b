"""The payment gateway: what it does, how it refuses, and the real one, over HTTP."""

import json
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any, Protocol
from urllib.parse import quote, urlsplit


class GatewayError(Exception):
    """The gateway did not do it; the reason is the message."""

    status = 500


class Declined(GatewayError):
    """The bank refuses this card."""

    status = 402


class NotFound(GatewayError):
    """There is no such charge."""

    status = 404


class KeyReused(GatewayError):
    """This key came with another charge before."""

    status = 409


class Invalid(GatewayError):
    """Nobody can charge or refund such an amount."""

    status = 422


@dataclass(frozen=True)
class Charge:
    """What was taken, and how much of it was given back."""

    id: str
    cents: int
    refunded: int = 0


class Gateway(Protocol):
    """What every gateway does, the real one and the fake one."""

    def charge(self, cents: int, *, card: str, key: str) -> Charge:
        """Take the cents, once for each key. Raises Invalid, KeyReused or Declined."""
        ...

    def refund(self, id: str, cents: int) -> Charge:
        """Give cents of a charge back, and return it as it is now. Raises NotFound or Invalid."""
        ...

    def charges(self) -> list[Charge]:
        """Return all charges as they are now, the oldest first."""
        ...


class HttpGateway:
    """The real one, or its sandbox: whatever answers at the URL."""

    def __init__(self, url: str) -> None:
        self._host = urlsplit(url).netloc

    def charge(self, cents: int, *, card: str, key: str) -> Charge:
        """Take the cents, once for each key. Raises Invalid, KeyReused or Declined."""
        return Charge(**self._ask("POST", "/charges", {"cents": cents, "card": card}, {"Idempotency-Key": key}))

    def refund(self, id: str, cents: int) -> Charge:
        """Give cents of a charge back, and return it as it is now. Raises NotFound or Invalid."""
        return Charge(**self._ask("POST", f"/charges/{quote(id, safe='')}/refunds", {"cents": cents}))

    def charges(self) -> list[Charge]:
        """Return all charges as they are now, the oldest first."""
        return [Charge(**each) for each in self._ask("GET", "/charges")]

    def _ask(self, method: str, path: str, sent: Any = None, headers: dict[str, str] | None = None) -> Any:
        connection = HTTPConnection(self._host, timeout=5)
        try:
            connection.request(method, path, json.dumps(sent), headers or {})
            answer = connection.getresponse()
            body = json.loads(answer.read())
        finally:
            connection.close()
        for kind in (Declined, NotFound, KeyReused, Invalid):
            if answer.status == kind.status:
                raise kind(body["reason"])
        if answer.status >= 400:
            raise GatewayError(body["reason"])
        return body
