"""Limits, one caller after another; ``races/test_rate_limit`` has them all at one moment."""

from __future__ import annotations

import logging
import socket
import time
from datetime import timedelta

import pytest
from django.db import connection

from staybook.common import clock
from staybook.traffic import ratelimit, tasks
from staybook.traffic.counters import DatabaseCounter, MemoryCounter, RedisCounter, UnavailableError
from staybook.traffic.models import RateBucket
from staybook.traffic.ratelimit import Limiter
from staybook_dev import engines
from staybook_dev.engines import free_port

pytestmark = pytest.mark.django_db
HOUR = 3600
DAY = 24 * HOUR


@pytest.fixture(scope="module")
def redis_url():
    server = engines.start_redis()
    yield f"redis://127.0.0.1:{server.port}/0"
    server.stop()


@pytest.fixture(params=["redis", "database", "memory"])
def counter(request):
    if request.param == "redis":
        return RedisCounter(request.getfixturevalue("redis_url"))
    return DatabaseCounter() if request.param == "database" else MemoryCounter()


@pytest.mark.parametrize("limit", [1, 7, 20, 60, 600])
def test_a_burst_of_the_limit_is_admitted_and_not_one_more(counter, limit):
    limiter = Limiter([counter])
    verdicts = [limiter.admit(f"burst-{limit}", limit=limit, period_s=DAY) for _ in range(limit + 3)]

    assert [verdict.allowed for verdict in verdicts] == [True] * limit + [False] * 3
    assert [verdict.remaining for verdict in verdicts] == [*range(limit - 1, -1, -1), 0, 0, 0]
    assert verdicts[0].retry_after_s == 0
    assert DAY / limit - 60 < verdicts[-1].retry_after_s <= DAY / limit + 1
    assert DAY - 60 < verdicts[-1].reset_s <= DAY


def test_callers_do_not_share(counter):
    limiter = Limiter([counter])

    assert limiter.admit("share-a", limit=1, period_s=HOUR).allowed
    assert limiter.admit("share-b", limit=1, period_s=HOUR).allowed


def test_one_interval_later_one_more_is_admitted(counter):
    limiter = Limiter([counter])
    for _ in range(10):
        assert limiter.admit("refill", limit=10, period_s=5).allowed
    time.sleep(limiter.admit("refill", limit=10, period_s=5).retry_after_s)

    assert limiter.admit("refill", limit=10, period_s=5).allowed


def test_an_admitted_request_costs_one_statement(django_assert_num_queries):
    limiter = Limiter([DatabaseCounter()])
    with django_assert_num_queries(1):
        limiter.admit("statement", limit=1, period_s=HOUR)
    with django_assert_num_queries(2):
        limiter.admit("statement", limit=1, period_s=HOUR)
    assert RateBucket.objects.count() == 1


def test_rough_counting_writes_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        allowed = [ratelimit.admit_roughly("rough", limit=2, period_s=HOUR).allowed for _ in range(3)]

    assert allowed == [True, True, False]


def test_memory_does_not_grow_without_end(monkeypatch):
    monkeypatch.setattr(MemoryCounter, "_MOST", 10)
    counter = MemoryCounter()
    for number in range(100):
        counter.take(str(number), 1e-9, 1)

    assert len(counter._arrivals) <= 11


@pytest.fixture
def deaf():
    """An address whose peer takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.mark.parametrize("case", ["refused", "deaf"])
def test_without_redis_the_database_counts_and_the_log_says_so_once(case, caplog, request):
    url = f"redis://127.0.0.1:{free_port()}/0" if case == "refused" else request.getfixturevalue("deaf")
    redis = RedisCounter(url)
    limiter = Limiter([redis, DatabaseCounter()])

    with caplog.at_level(logging.WARNING):
        allowed = [limiter.admit(case, limit=3, period_s=HOUR).allowed for _ in range(4)]
        redis._resume_at = 0.0
        limiter.admit(case, limit=3, period_s=HOUR)

    assert allowed == [True, True, True, False]
    assert [record.message for record in caplog.records] == ["Redis is away: limits are counted elsewhere"]


def test_the_patience_with_redis_is_at_most_50_ms(deaf):
    options = RedisCounter(deaf)._line._new.keywords

    assert options["socket_connect_timeout"] <= 0.05
    assert options["socket_timeout"] <= 0.05
    assert options["retry"].get_retries() == 0


def test_for_a_second_nobody_asks_redis_again(deaf):
    redis = RedisCounter(deaf)
    with pytest.raises(UnavailableError):
        redis.take("again", 1, 1)
    del redis._line

    with pytest.raises(UnavailableError):
        redis.take("again", 1, 1)


def test_redis_counts_again_when_it_is_back(caplog, deaf, redis_url):
    redis = RedisCounter(deaf)
    with pytest.raises(UnavailableError):
        redis.take("back", 1, 1)
    redis._line, redis._resume_at = RedisCounter(redis_url)._line, 0.0

    with caplog.at_level(logging.WARNING):
        assert redis.take("back", 1, 1)[0]
        assert not redis.take("back", 1, 1)[0]

    assert [record.message for record in caplog.records] == ["Redis is back: limits are counted there"]


def test_redis_keeps_no_key_longer_than_it_matters(redis_url):
    counter = RedisCounter(redis_url)
    counter.take("ttl", 10, 100)

    assert 9_000 < counter._line.ask("PTTL", "rate:ttl") <= 10_000


def test_counters_that_stand_at_nothing_are_deleted():
    Limiter([DatabaseCounter()]).admit("fresh", limit=1, period_s=HOUR)
    RateBucket.objects.create(key="old", arrival=(clock.now() - timedelta(hours=2)).timestamp())

    assert tasks.forget_limits_and_blocks() == 1
    assert RateBucket.objects.get().key == "fresh"


def test_when_the_database_cannot_count_the_process_does():
    memory = MemoryCounter()
    limiter = Limiter([DatabaseCounter(), memory])
    with connection.execute_wrapper(refuse):
        allowed = [limiter.admit("nowhere", limit=1, period_s=HOUR).allowed for _ in range(2)]

    assert allowed == [True, False]


def refuse(execute, sql, params, many, context):
    from django.db import OperationalError

    raise OperationalError("the server closed the connection")
