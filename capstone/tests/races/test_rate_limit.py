"""64 callers at one moment, a limit of 20: twenty are admitted, in each of a hundred trials."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from redis import Redis

from staybook.traffic.counters import DatabaseCounter, RedisCounter
from staybook.traffic.models import RateBucket
from staybook.traffic.ratelimit import Limiter
from staybook_dev import engines

pytestmark = pytest.mark.django_db(transaction=True)
CALLERS, LIMIT, TRIALS, PERIOD_S = 64, 20, 100, 86_400
"""A day: nothing is given back while a trial lasts."""


class NaiveRedis:
    """The control: reads the count, then writes it."""

    def __init__(self, url):
        self.redis = Redis.from_url(url)

    def take(self, key, interval_s, period_s):
        count = int(self.redis.get(f"naive:{key}") or 0)
        if count >= LIMIT:
            return False, period_s
        self.redis.set(f"naive:{key}", count + 1)
        return True, interval_s


class NaiveDatabase:
    """The control: reads the row, then writes it."""

    def take(self, key, interval_s, period_s):
        bucket, _ = RateBucket.objects.get_or_create(key=key, defaults={"arrival": 0})
        if bucket.arrival >= LIMIT:
            return False, period_s
        bucket.arrival += 1
        bucket.save()
        return True, interval_s


@pytest.fixture(scope="module")
def redis_url():
    server = engines.start_redis()
    yield f"redis://127.0.0.1:{server.port}/0"
    server.stop()


def admitted(limiter, trials):
    """How many of 64 callers were admitted, in each trial; the callers keep their connections."""
    start = threading.Barrier(CALLERS)

    def call(_):
        verdicts = []
        try:
            for trial in range(trials):
                start.wait(60)
                verdicts.append(limiter.admit(f"trial-{trial}", limit=LIMIT, period_s=PERIOD_S).allowed)
        except BaseException:
            start.abort()
            raise
        finally:
            connections.close_all()
        return verdicts

    with ThreadPoolExecutor(CALLERS) as pool:
        return [sum(trial) for trial in zip(*pool.map(call, range(CALLERS)), strict=True)]


def test_redis_admits_exactly_the_limit(redis_url):
    patient = RedisCounter(redis_url, patience_s=30)  # it is Redis that counts, however busy this machine is

    assert admitted(Limiter([patient]), TRIALS) == [LIMIT] * TRIALS


def test_the_database_admits_exactly_the_limit():
    assert admitted(Limiter([DatabaseCounter()]), TRIALS) == [LIMIT] * TRIALS


def test_control_a_naive_counter_in_redis_admits_more(redis_url):
    assert max(admitted(Limiter([NaiveRedis(redis_url)]), 10)) > LIMIT


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time, and locks the control")
def test_control_a_naive_counter_in_the_database_admits_more():
    assert max(admitted(Limiter([NaiveDatabase()]), 10)) > LIMIT


def test_over_http_ten_of_thirty_two_logins_are_looked_at(api, together):
    wrong = {"email": "nobody@example.com", "password": "wrong password"}
    calls = [
        lambda number=number: api.as_(None).post("/api/v1/auth/login", wrong, X_Forwarded_For=f"192.0.2.{number}")
        for number in range(32)
    ]

    statuses = sorted(answer.status_code for answer in together(calls))

    assert statuses == [401] * 10 + [429] * 22
