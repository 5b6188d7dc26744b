"""HTTP to a provider: one client for the process, with timeouts, and failures as our own errors."""

from __future__ import annotations

import atexit
from functools import cache
from typing import Any

import httpx

from staybook.common.errors import GatewayFailed
from staybook.payments.gateways.base import Refused, Silent

_OF_THE_MOMENT = frozenset({401, 403, 408, 409, 425, 429})
"""What is wrong with our keys, or with the moment, and not with what was asked."""


class Transport:
    """Calls below one base URL with one bearer key."""

    def __init__(self, url: str, key: str, timeout_s: float) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}"}
        self._timeout = httpx.Timeout(timeout_s, connect=min(timeout_s, 3.0))

    def call(self, method: str, path: str, *, key: str = "", **content: Any) -> dict[str, Any]:
        """The answer's object. ``content`` is httpx's (``json``, ``data``, ``params``), ``key`` an Idempotency-Key.

        Raises Silent when no answer comes, Refused for a 4xx, GatewayFailed for a 5xx and for what cannot be read.
        """
        headers = self._headers | ({"Idempotency-Key": key} if key else {})
        try:
            answer = _client().request(method, self._url + path, headers=headers, timeout=self._timeout, **content)
        except httpx.HTTPError as error:
            raise Silent("The payment provider does not answer. Try again in a minute.") from error
        if answer.status_code in _OF_THE_MOMENT or answer.status_code >= 500:
            raise GatewayFailed("The payment provider has a problem. Try again in a minute.")
        if answer.status_code >= 400:
            raise Refused(f"The payment provider refuses with status {answer.status_code}.", status=answer.status_code)
        try:
            found = answer.json()
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise GatewayFailed("The payment provider's answer cannot be read.")
        return found


@cache
def _client() -> httpx.Client:
    client = httpx.Client(follow_redirects=False, limits=httpx.Limits(max_connections=50, keepalive_expiry=30))
    atexit.register(client.close)
    return client
