"""The relay as a process, and what the clock has done between messages."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from types import SimpleNamespace
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import OperationalError, connection
from django.utils.module_loading import import_string

from staybook.common import outbox, schedule, tasks
from staybook.common.management.commands import relay
from staybook_dev.engines import ROOT

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("place", schedule.EVERY)
def test_what_the_clock_does_exists_and_returns(place):
    assert callable(import_string(place))
    tasks.run(place)


def test_only_what_is_in_the_table_is_run():
    with pytest.raises(KeyError):
        tasks.run("os.abort")


def test_the_clock_runs_what_is_due_and_survives_a_failure(monkeypatch, caplog):
    ran, now = [], [0.0]
    monkeypatch.setattr(schedule, "EVERY", {"often": 2, "broken": 2, "seldom": 60})
    monkeypatch.setattr(
        schedule, "import_string", lambda place: lambda: 1 / 0 if place == "broken" else ran.append(place)
    )
    clockwork = schedule.Clockwork(lambda: now[0])

    for now[0] in (0.0, 1.0, 2.0, 60.0):
        clockwork.tick()
    clockwork.tick(lambda: False)

    assert ran == ["often", "seldom", "often", "often", "seldom"]
    assert "scheduled work failed" in caplog.text


@pytest.mark.parametrize("error", [outbox.Unreachable("broker"), OperationalError("database")])
def test_the_relay_waits_for_what_is_away(monkeypatch, caplog, error):
    closed = []
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(outbox, "relay_once", lambda *_, **__: _raise(error))
    monkeypatch.setattr(relay, "connection", SimpleNamespace(close=lambda: closed.append(True)))

    assert relay._round(outbox.deliver_here, None, threading.Event()) == 1.0
    assert [record.getMessage() for record in caplog.records] == [f"{error} away"]
    assert bool(closed) == isinstance(error, OperationalError)


def _raise(error):
    raise error


@pytest.mark.django_db(transaction=True)
def test_the_relay_ends_on_sigterm_with_json_logs():
    """A process of its own, on the test database; everything it says is a line of JSON."""
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("a database in memory is one process's own")
    url = database_url()
    command = [sys.executable, "manage.py", "relay"]
    environment = os.environ | {"DATABASE_URL": url, "LOG_LEVEL": "INFO", "RELAY": "inline"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    lines = [json.loads(process.stderr.readline())]
    process.send_signal(signal.SIGTERM)
    lines += map(json.loads, process.communicate(timeout=20)[1].splitlines())

    assert process.returncode == 0
    events = [line["event"] for line in lines]
    assert (events[0], events[-1]) == ("relay started", "relay stopped")


def database_url():
    """The test database as another process names it."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))
