"""Whether requests belong here: what is down is said, and only the database decides."""

from __future__ import annotations

import json
import socket

import pytest
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.test import RequestFactory

from staybook.traffic import probes
from staybook_dev.engines import free_port


def ready():
    answer = probes.readyz(RequestFactory().get("/readyz"))
    return answer.status_code, json.loads(answer.content)


def test_not_ready_while_the_database_gives_no_connection():
    """Outside of ``django_db`` no test gets one."""
    status, body = ready()

    assert (status, body["status"], body["database"]) == (503, "not ready", "down")


@pytest.mark.django_db(transaction=True)
def test_ready_again_when_it_does():
    assert ready()[0] == 200


@pytest.mark.skipif(connection.vendor == "sqlite", reason="On SQLite readers wait for nobody")
@pytest.mark.django_db(transaction=True)
def test_not_ready_while_the_database_gives_no_answer():
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")
        assert ready()[0] == 503


@pytest.mark.django_db(transaction=True)
def test_not_ready_before_every_migration_is_applied():
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("traffic", "0001_initial")
    try:
        status, body = ready()
    finally:
        recorder.record_applied("traffic", "0001_initial")

    assert (status, body["database"]) == (503, "migrations are missing")
    assert ready()[0] == 200


@pytest.mark.django_db(transaction=True)
def test_without_redis_and_broker_bookings_are_made_all_the_same(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as redis:
        urls = {
            "redis_url": f"redis://127.0.0.1:{redis.getsockname()[1]}/0",
            "broker_url": f"amqp://guest:guest@127.0.0.1:{free_port()}//",
        }
        monkeypatch.setattr(probes, "env", probes.env.model_copy(update=urls))
        status, body = ready()

    assert (status, body["redis"], body["broker"]) == (200, "ok", "down")


@pytest.mark.parametrize("url", ["amqp://127.0.0.1:nonsense/", "redis://127.0.0.1:99999/0"])
def test_an_address_that_is_none_is_down(url):
    assert probes._reach(url) == "down"


@pytest.mark.parametrize("probe", [probes.healthz, probes.readyz, probes.prometheus])
def test_probes_change_nothing(probe):
    assert probe(RequestFactory().post("/")).status_code == 405
