"""What every test may ask for: a client of the API, and callers who start at the same moment."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connections
from django.test import Client
from redis import Redis

from staybook.accounts import tokens
from staybook.accounts.models import User
from staybook.booking.models import Booking, Status
from staybook.common import context
from staybook.config.env import env
from staybook.traffic import blocking, ratelimit, tracking
from tests.factories import make_booking

WHOLE = ("tests/browser/", "tests/faults/", "tests/plans/")
SPREAD = "tests/faults/test_payments_thousands.py"


class Api:
    """A client that speaks JSON over Django's test client, and answers with Django's responses.

    ``api.as_(user)`` is another client, which sends a real access token; ``api.at(ip)`` one with another address.
    A 500 is an answer here, as it is for a caller; pass ``raise_errors=True`` to see the exception.
    """

    def __init__(self, headers: dict[str, str] | None = None, ip: str = "203.0.113.7", *, raise_errors: bool = False):
        self.headers = headers or {}
        self.ip = ip
        self._client = Client(raise_request_exception=raise_errors, REMOTE_ADDR=ip)

    def as_(self, user: User | None) -> Api:
        """The same, logged in as ``user``; None is nobody."""
        others = {key: value for key, value in self.headers.items() if key != "Authorization"}
        return Api(others | ({"Authorization": f"Bearer {tokens.issue_access(user)}"} if user else {}), self.ip)

    def at(self, ip: str) -> Api:
        """The same, from another address."""
        return Api(self.headers, ip)

    def get(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> Any:
        """Headers by keyword, with ``_`` for ``-``: ``api.get("/api/v1/me", If_None_Match='"1"')``."""
        return self._client.get(path, query or {}, headers=self._named(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("POST", path, body, headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("PUT", path, body, headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("PATCH", path, body, headers)

    def delete(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("DELETE", path, body, headers)

    def upload(self, path: str, fields: dict[str, Any], **headers: str) -> Any:
        """POST as ``multipart/form-data``; values may be files."""
        return self._client.post(path, fields, headers=self._named(headers))

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body, default=str).encode()
        return self._client.generic(method, path, data, "application/json", headers=self._named(headers))

    def _named(self, headers: dict[str, str]) -> dict[str, str]:
        return self.headers | {key.replace("_", "-"): value for key, value in headers.items()}


def pytest_configure() -> None:
    """A hash that costs a tenth of a second is for earnest; ``test_accounts`` asks for that one."""
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Files that set up much are a process's own, and begin first; any other test goes where there is time.

    xdist's groups by mark would say the same, if they took in pytest 9.2.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            is_whole = nodeid.startswith(WHOLE) and not nodeid.startswith(SPREAD)
            return nodeid.partition("::")[0] if is_whole else nodeid

    return Scheduling(config, log)


@pytest.fixture(autouse=True)
def nothing_is_left() -> None:
    """Each test begins with nothing counted, blocked or waiting in this process, and with an empty Redis."""
    context.request_id.set("")
    ratelimit.forget()
    tracking.forget()
    blocking.forget(for_s=3600)
    if env.redis_url:
        with Redis.from_url(env.redis_url) as redis:
            redis.flushdb()


@pytest.fixture
def without_limits(settings: Any) -> None:
    """For tests that ask more often than a caller may."""
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, 10**6)


@pytest.fixture
def api() -> Api:
    """Nobody in particular; ``api.as_(user)`` is somebody."""
    return Api()


@pytest.fixture
def held() -> Booking:
    """A booking that waits for its payment."""
    return make_booking(status=Status.HELD)


Together = Callable[[Iterable[Callable[[], Any]]], list[Any]]


@pytest.fixture
def together() -> Together:
    """Call functions in a thread each, all at one moment; what each returned or raised, in their order.

    Needs ``@pytest.mark.django_db(transaction=True)``: each thread has a connection of its own, and closes it.
    """

    def run(functions: Iterable[Callable[[], Any]]) -> list[Any]:
        calls = list(functions)
        start = threading.Barrier(len(calls))

        def call(function: Callable[[], Any]) -> Any:
            start.wait()
            try:
                return function()
            except Exception as error:
                return error
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(call, calls))

    return run
