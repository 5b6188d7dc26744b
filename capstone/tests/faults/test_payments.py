"""Whatever the providers do: captured money is confirmed or given back, and nothing happens twice.

The ordinary suite plays a hundred schedules. All of them: ``python -m pytest tests/faults/test_payments.py -m slow``,
or as many as SCHEDULES says.
"""

from __future__ import annotations

import os

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.payments_machine import Lives

pytest_plugins = ["tests.fakegateway.running"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(live_server, provider):
    """staybook behind a real server, to which the fake sends its webhooks. Commits do not wait for the disk."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{connection.settings_dict["NAME"]}" SET synchronous_commit = off')
        connection.close()
    secrets = {"chapa": "chapa-development", "stripe": "whsec_development"}
    for name, secret in secrets.items():
        provider.set(**{name: {"url": f"{live_server.url}/api/v1/webhooks/{name}", "secret": secret}})
    return provider


def play(shop, schedules: int, machine: type[Lives] = Lives) -> None:
    """Play so many schedules, the same ones every time; raise what the first that fails fails with."""
    how = settings(
        max_examples=schedules,
        stateful_step_count=16,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(type("Lives", (machine,), {"fake": shop}), settings=how)


def test_captured_is_confirmed_and_refunded(shop):
    play(shop, int(os.environ.get("SCHEDULES", "100")))


@pytest.mark.slow
def test_captured_is_confirmed_and_refunded_ten_thousand_times(shop):
    play(shop, 10_000)
