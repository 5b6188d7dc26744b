"""Block list, request records, metrics and what the clock does to them."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.core.signals import request_finished
from django.db import OperationalError, close_old_connections, connection
from django.http import HttpResponse
from django.test import RequestFactory

from staybook.common import clock, schedule
from staybook.traffic import blocking, metrics, middleware, tasks, tracking
from staybook.traffic.models import BlockedNetwork, RequestRecord
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def refuse(execute, sql, params, many, context):
    raise OperationalError("the server closed the connection")


def close(response):
    """As a server does once the answer has left, but for the connection, which the test needs."""
    request_finished.disconnect(close_old_connections)
    try:
        response.close()
    finally:
        request_finished.connect(close_old_connections)


@pytest.fixture
def asking():
    """Send a request through the middleware of this app; a function of a path and an address."""

    def ask(path="/api/v1/search", ip="203.0.113.7", user=None, method="GET"):
        def view(request):
            request.user = user
            return HttpResponse("fine")

        chain = middleware.client_ip(middleware.block_and_track(view))
        response = chain(RequestFactory().generic(method, path, REMOTE_ADDR=ip))
        close(response)
        return response

    return ask


@pytest.mark.parametrize(
    ("network", "ip", "status"),
    [
        ("203.0.113.0/24", "203.0.113.200", 403),
        ("203.0.113.0/24", "203.0.114.1", 200),
        ("203.0.113.9", "203.0.113.9", 403),
        ("203.0.113.9/24", "203.0.113.1", 403),
        ("2001:db8::/32", "2001:db8:1::1", 403),
        ("2001:db8::/32", "203.0.113.1", 200),
        ("0.0.0.0/0", "2001:db8::1", 200),
        ("nonsense", "203.0.113.1", 200),
    ],
)
def test_blocked_networks_get_403(network, ip, status, asking):
    BlockedNetwork.objects.create(network=network, reason="scans")
    blocking.forget()

    assert asking(ip=ip).status_code == status


@pytest.mark.parametrize(("hours", "status"), [(1, 403), (-1, 200)])
def test_a_block_ends(hours, status, asking):
    BlockedNetwork.objects.create(network="203.0.113.7", reason="", until=clock.now() + timedelta(hours=hours))
    blocking.forget()

    assert asking().status_code == status


def test_the_list_is_read_again_after_some_seconds_and_not_each_time(asking, monkeypatch, django_assert_num_queries):
    blocking.forget()
    with django_assert_num_queries(1):
        assert [asking().status_code for _ in range(3)] == [200] * 3
    BlockedNetwork.objects.create(network="203.0.113.7", reason="")
    assert asking().status_code == 200
    monkeypatch.setattr(blocking, "_read_again_at", 0.0)

    assert asking().status_code == 403


def test_probes_pass_a_block(asking):
    BlockedNetwork.objects.create(network="203.0.113.7", reason="")
    blocking.forget()

    assert asking("/healthz").status_code == 200


def test_while_the_database_is_away_the_last_list_stands(asking, monkeypatch):
    BlockedNetwork.objects.create(network="203.0.113.7", reason="")
    blocking.forget()
    asking()
    monkeypatch.setattr(blocking, "_read_again_at", 0.0)

    with connection.execute_wrapper(refuse):
        assert asking().status_code == 403


def test_requests_are_written_a_hundred_at_a_time(asking, django_assert_num_queries):
    user = make_user()
    with django_assert_num_queries(0):
        for _ in range(tracking.BATCH - 1):
            asking("/api/v1/search?city=nairobi", user=user)
    with django_assert_num_queries(1):
        asking("/api/v1/search?city=nairobi", user=user, method="POST")

    assert RequestRecord.objects.count() == tracking.BATCH
    last = RequestRecord.objects.latest("id")
    assert (last.ip, last.user, last.method, last.path, last.status) == (
        "203.0.113.7",
        user,
        "POST",
        "/api/v1/search",
        200,
    )


def test_what_waits_for_five_seconds_is_written(asking, monkeypatch):
    asking()
    monkeypatch.setattr(tracking, "_oldest_at", tracking._oldest_at - tracking.OLDEST_S)
    asking()

    assert RequestRecord.objects.count() == 2


def test_the_database_is_asked_after_the_answer(monkeypatch):
    monkeypatch.setattr(tracking, "BATCH", 1)
    response = middleware.block_and_track(lambda request: HttpResponse("fine"))(RequestFactory().get("/"))

    assert RequestRecord.objects.count() == 0
    close(response)
    assert RequestRecord.objects.count() == 1


def test_probes_are_not_recorded(asking):
    for path in ("/healthz", "/readyz", "/metrics"):
        asking(path)

    assert tracking.write() == 0


def test_who_was_refused_is_recorded(asking):
    BlockedNetwork.objects.create(network="203.0.113.7", reason="")
    blocking.forget()
    asking()
    tracking.write()

    assert RequestRecord.objects.get().status == 403


def test_a_database_that_is_away_costs_records_and_no_request(asking, caplog, monkeypatch):
    monkeypatch.setattr(tracking, "BATCH", 1)
    with connection.execute_wrapper(refuse), caplog.at_level(logging.WARNING):
        assert asking().status_code == 200

    assert "requests were not recorded" in caplog.messages
    assert tracking.write() == 0


def test_no_more_waits_than_memory_should_hold(asking, monkeypatch):
    monkeypatch.setattr(tracking, "BATCH", 10**9)
    monkeypatch.setattr(tracking, "_oldest_at", float("inf"))
    request, response = RequestFactory().get("/"), HttpResponse()
    for _ in range(tracking._MOST_WAITING + 5):
        tracking.remember(request, response)

    assert len(tracking._waiting) == tracking._MOST_WAITING


def recorded(days, ip="203.0.113.129", **fields):
    facts = {"method": "GET", "path": "/", "status": 200} | fields
    return RequestRecord.objects.create(at=clock.now() - timedelta(days=days), ip=ip, **facts)


def test_addresses_are_truncated_after_thirty_days():
    young, old, old6, other = (
        recorded(29),
        recorded(31),
        recorded(40, "2001:db8:1:2::3"),
        recorded(100, "198.51.100.4"),
    )

    assert tasks.truncate_addresses() == 3
    assert tasks.truncate_addresses() == 0

    kept = dict(RequestRecord.objects.values_list("pk", "ip"))
    assert kept == {
        young.pk: "203.0.113.129",
        old.pk: "203.0.113.0",
        old6.pk: "2001:db8:1::",
        other.pk: "198.51.100.0",
    }
    assert set(RequestRecord.objects.filter(is_truncated=False)) == {young}


def test_an_address_that_looks_truncated_is_done_once():
    recorded(31, "203.0.113.0")

    assert tasks.truncate_addresses() == 1
    assert tasks.truncate_addresses() == 0


def test_records_are_deleted_after_180_days(monkeypatch):
    monkeypatch.setattr(tasks, "_BATCH", 2)
    kept = recorded(179)
    for _ in range(5):
        recorded(181)

    assert tasks.forget_requests() == 5
    assert RequestRecord.objects.get() == kept


def test_blocks_are_deleted_a_month_after_their_end():
    BlockedNetwork.objects.create(network="192.0.2.1", reason="", until=clock.now() - timedelta(days=31))
    kept = {BlockedNetwork.objects.create(network="192.0.2.2", reason="", until=clock.now() - timedelta(days=1))}
    kept |= {BlockedNetwork.objects.create(network="192.0.2.3", reason="")}

    assert tasks.forget_limits_and_blocks() == 1
    assert set(BlockedNetwork.objects.all()) == kept


@pytest.mark.parametrize(
    "place",
    [
        "staybook.accounts.services.forget_old_tokens",
        "staybook.traffic.tasks.truncate_addresses",
        "staybook.traffic.tasks.forget_requests",
        "staybook.traffic.tasks.forget_limits_and_blocks",
    ],
)
def test_the_clock_does_it(place):
    schedule.run(place)


def measured(path="/", method="GET"):
    def view(request):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return HttpResponse("fine")

    return middleware.measure(view)(RequestFactory().generic(method, path))


def test_one_line_is_written_for_a_request_and_names_nobody(caplog):
    with caplog.at_level(logging.INFO, "staybook.access"):
        measured("/bookings/7?email=ada@example.com")

    (line,) = [record for record in caplog.records if record.name == "staybook.access"]
    assert (line.route, line.method, line.status, line.statements) == ("none", "GET", 200, 1)
    assert line.ms >= 0
    assert "ada" not in str(vars(line))


def test_strangers_make_no_new_series():
    for number in range(50):
        measured(f"/nowhere/{number}", f"WORD{number}")

    text = metrics.exposition().decode()
    assert 'staybook_requests_total{method="OTHER",route="none",status="200"}' in text
    assert "WORD" not in text
    assert "nowhere" not in text


def test_processes_share_their_metrics_where_they_have_a_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))

    assert metrics.exposition() == b""
