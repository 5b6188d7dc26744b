"""staybook behind a server that the fake's webhooks reach, for modules that ask for ``tests.fakegateway.running``.

At the end of a run, what all its schedules have met, in whichever process they were played.
"""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import contextmanager

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import WSGIServer
from django.db import connection
from django.test.testcases import QuietWSGIRequestHandler

from tests.faults.at_once import close_pool

THOUSANDS = 5000
"""So many schedules must have met everything."""
_met: Counter[str] = Counter()


def pytest_runtest_logreport(report):
    if report.when == "call":
        for name, counted in report.user_properties:
            if name == "met":
                _met.update(counted)


def pytest_sessionfinish(session):
    if _met["schedules"] >= THOUSANDS and _missing():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter):
    if _met:
        terminalreporter.section("what the schedules have met")
        for name, count in sorted(_met.items()):
            terminalreporter.line(f"{count:12,} {name}")
        terminalreporter.line(f"{'never':>12} {', '.join(sorted(_missing())) or 'nothing that can be met'}")


def _missing() -> set[str]:
    from tests.faults.payments_machine import EVERYTHING

    return EVERYTHING - (+_met).keys()


@pytest.fixture
def shop(psp):
    """staybook behind a real server, to which the fake sends its webhooks. Commits do not wait for the disk."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{connection.settings_dict["NAME"]}" SET synchronous_commit = off')
        connection.close()
    secrets = {"chapa": "chapa-development", "stripe": "whsec_development"}
    with serving() as url:
        for name, secret in secrets.items():
            psp.set(**{name: {"url": f"{url}/api/v1/webhooks/{name}", "secret": secret}})
        yield psp
    if connection.vendor != "sqlite":
        close_pool()


@contextmanager
def serving():
    """A server that answers one request after the other, on a connection to the database that it keeps."""
    server = WSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    server.set_app(WSGIHandler())

    def serve():
        connection.ensure_connection()
        connection.close_at = None
        server.serve_forever(poll_interval=0.05)
        connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
