"""fakegateway as tests use it: the real program in a process of its own, and staybook pointed at it.

A test module asks for these fixtures by ``pytest_plugins = ["tests.fakegateway.running"]``.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from staybook.payments import gateways
from staybook_dev import engines


class Fake:
    """The program, as its remote control shows it. Cuts of the connection are answers here: None."""

    def __init__(self, url: str, mail_port: int = 0) -> None:
        self.url, self.mail_port = url, mail_port
        self.http = httpx.Client(base_url=url, timeout=20)

    def arm(self, name: str, on: str, **more: Any) -> None:
        """Let something go wrong."""
        self.http.post("/control/faults", json={"name": name, "on": on, **more}).raise_for_status()

    def disarm(self, reference: str = "") -> None:
        """Let nothing go wrong any more."""
        self.http.delete("/control/faults", params={"reference": reference})

    def set(self, **settings: Any) -> None:
        """As on the provider's site."""
        self.http.post("/control/settings", json=settings).raise_for_status()

    def flush(self, reference: str = "") -> list[dict[str, Any]]:
        """Send what waits, and say what became of it."""
        return self.http.post("/control/flush", params={"reference": reference}).json()

    def ledger(self, reference: str) -> dict[str, Any]:
        """What was captured and refunded for a reference, in cents, and how often each call came."""
        return self.http.get("/control/ledger", params={"reference": reference}).json()

    def order(self, reference: str) -> dict[str, Any]:
        """The order of a reference, as the ledger has it."""
        (order,) = self.ledger(reference)["orders"]
        return order

    def choose(self, checkout_url: str, choice: str = "pay") -> httpx.Response | None:
        """Press a button of the hosted page."""
        try:
            return self.http.post(checkout_url, data={"choice": choice})
        except httpx.HTTPError:
            return None

    def call(self, method: str, path: str, **content: Any) -> httpx.Response | None:
        """An API call, with a key that both providers take by their route."""
        key = "CHASECK_TEST-x" if path.startswith("/chapa") else "sk_test_x"
        headers = {"Authorization": f"Bearer {key}", **content.pop("headers", {})}
        try:
            return self.http.request(method, path, headers=headers, **content)
        except httpx.HTTPError:
            return None


@contextmanager
def running() -> Iterator[Fake]:
    """Start the program, on ports of its own, and end it."""
    mail_port = engines.free_port()
    command = [sys.executable, "-m", "fakegateway", "--port", "0", "--mail-port", str(mail_port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=engines.ROOT, env=os.environ, text=True) as process:
        try:
            assert process.stdout
            found = re.search(r"listens on (\S+)", process.stdout.readline())
            assert found, "fakegateway did not start"
            fake = Fake(f"http://{found[1]}", mail_port)
            with fake.http:
                yield fake
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def fake_process() -> Iterator[Fake]:
    """One for the run."""
    with running() as fake:
        yield fake


@pytest.fixture
def fake(fake_process: Fake) -> Fake:
    """With an empty memory. Webhooks wait for ``flush``."""
    fake_process.http.post("/control/reset").raise_for_status()
    fake_process.set(webhooks="on_flush")
    return fake_process


@contextmanager
def staybook_speaks_to(fake: Fake) -> Iterator[None]:
    """Give the app the addresses of ``fake``, as its environment would."""
    addresses = {"chapa_url": f"{fake.url}/chapa", "stripe_url": f"{fake.url}/stripe", "gateway_timeout_s": 5.0}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gateways, "env", gateways.env.model_copy(update=addresses))
        gateways._made.cache_clear()
        yield
    gateways._made.cache_clear()


@pytest.fixture
def psp(fake: Fake) -> Iterator[Fake]:
    """``fake``, and staybook pays there."""
    with staybook_speaks_to(fake):
        yield fake
