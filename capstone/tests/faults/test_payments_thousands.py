"""Ten thousand schedules, or as many as SCHEDULES says, by a process for each core; told is what they have met."""

from __future__ import annotations

import os

import pytest

from tests.faults.payments_play import play

pytest_plugins = ["tests.fakegateway.running"]
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
SET = 100
"""Schedules of one number, which is played by one process."""


@pytest.mark.parametrize("number", range(1, int(os.environ.get("SCHEDULES", "10000")) // SET + 1))
def test_captured_is_confirmed_and_refunded(shop, record_property, number):
    record_property("met", dict(play(shop, SET, number=number)))
