"""The same request again: one effect, the same bytes."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db import OperationalError, connection, transaction

from staybook.booking import services
from staybook.booking.models import Booking
from staybook.catalog.models import Property
from staybook.common import clock, idempotency
from staybook.common.errors import Busy
from staybook.common.models import IdempotencyKey, OutboxMessage
from tests.factories import SOON, make_booking, make_property, make_user

pytestmark = pytest.mark.django_db
URL = "/api/v1/bookings"


@pytest.fixture
def guest():
    return make_user()


@pytest.fixture
def body():
    place = make_property()
    return {"property": place.public_id, "check_in": SOON, "check_out": SOON + timedelta(2), "guests": 1}


def send(api, guest, body, key="one", **headers):
    return api.as_(guest).post(URL, body, Idempotency_Key=key, **headers)


def test_the_second_time_is_the_first_answer(api, guest, body):
    first, second = send(api, guest, body), send(api, guest, body)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert {name: first[name] for name in ("Location", "Content-Type")} == {
        name: second[name] for name in ("Location", "Content-Type")
    }
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    assert Booking.objects.count() == OutboxMessage.objects.count() == 1


def test_a_refusal_is_the_same_refusal_later(api, guest, body):
    """Also when the nights are free by then: who wants to try again takes a new key."""
    taken = make_booking(make_property_of(body))
    first = send(api, guest, body)
    services.cancel(actor=taken.guest, booking_id=taken.public_id)

    second = send(api, guest, body)

    assert (first.status_code, second.status_code) == (409, 409)
    assert first.content == second.content
    assert send(api, guest, body, key="two").status_code == 201


def make_property_of(body):
    return Property.objects.get(public_id=body["property"])


def test_a_key_means_one_request(api, guest, body):
    send(api, guest, body)

    answer = send(api, guest, body | {"guests": 2})

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Booking.objects.count() == 1


def test_keys_are_ones_own(api, guest, body):
    send(api, guest, body)

    assert send(api, make_user(), body).json()["code"] == "nights_taken"


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "caf\u00e9", '"'])
def test_a_key_that_cannot_be_is_refused(api, guest, body, key):
    answer = send(api, guest, body, key=key)

    assert answer.status_code == 400
    assert answer.json()["code"] in {"idempotency_key_missing", "idempotency_key_invalid"}
    assert not Booking.objects.exists()


def test_a_key_may_come_in_quotes(api, guest, body):
    first, second = send(api, guest, body, key='"one"'), send(api, guest, body, key="one")

    assert first.content == second.content


def test_a_key_is_forgotten_after_a_day(api, guest, body):
    send(api, guest, body)
    IdempotencyKey.objects.update(created_at=clock.now() - idempotency.KEPT - timedelta(seconds=1))

    answer = send(api, guest, body)

    assert (answer.status_code, answer.json()["code"]) == (409, "nights_taken")
    assert "Idempotent-Replayed" not in answer


def test_old_keys_are_deleted(api, guest, body):
    send(api, guest, body)
    IdempotencyKey.objects.update(created_at=clock.now() - idempotency.KEPT)
    send(api, guest, body, key="two")

    assert idempotency.clean() == 1
    assert IdempotencyKey.objects.get().key == "two"


@pytest.mark.parametrize("error", [Busy("later"), RuntimeError("a bug")])
def test_what_may_succeed_later_is_not_kept(api, guest, body, monkeypatch, error):
    with monkeypatch.context() as patch:
        patch.setattr(services, "insert", raiser(error))
        first = send(api, guest, body)

    assert first.status_code in {500, 503}
    assert not IdempotencyKey.objects.exists()
    assert not Booking.objects.exists()
    assert send(api, guest, body).status_code == 201


def test_what_fails_once_the_booking_is_in_has_its_answer_still(api, guest, body, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(services.freshness, "availability_changed", raiser(RuntimeError("a bug")))
        first = send(api, guest, body)
    again = send(api, guest, body)

    assert (first.status_code, again.status_code, again["Idempotent-Replayed"]) == (500, 201, "true")
    assert str(Booking.objects.get().public_id) == again.json()["id"]


def test_bytes_are_kept_whatever_they_are(api, guest, body):
    spaced = json.dumps(body, default=str, indent=4).encode()

    assert send(api, guest, spaced).content == send(api, guest, spaced).content


def begin_a_claim(guest, body):
    IdempotencyKey.objects.create(user=guest, key="one", fingerprint="theirs")


def change_the_listing(guest, body):
    Property.objects.filter(public_id=body["property"]).update(title="Theirs")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer: who waits has begun nothing")
@pytest.mark.parametrize(
    ("begin", "told"), [(begin_a_claim, (409, "idempotency_key_in_use")), (change_the_listing, (503, "busy"))]
)
def test_who_waits_for_too_long_is_told_what_for(api, guest, body, begin, told):
    begun, seen = threading.Event(), threading.Event()

    def be_in_the_way():
        with transaction.atomic():
            begin(guest, body)
            begun.set()
            seen.wait(10)
        connection.close()

    other = threading.Thread(target=be_in_the_way)
    other.start()
    assert begun.wait(10)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")
        answer = send(api, guest, body)
        cursor.execute("SET lock_timeout = DEFAULT")
    seen.set()
    other.join(10)

    assert (answer.status_code, answer.json()["code"]) == told
    assert answer["Retry-After"] == "1"
    assert not Booking.objects.exists()


@pytest.mark.parametrize(
    ("reason", "outcome"), [("database is locked", Busy), ("disk full", OperationalError)], ids=["in use", "broken"]
)
def test_a_broken_database_is_not_somebody_in_the_way(guest, monkeypatch, reason, outcome):
    monkeypatch.setattr(idempotency, "insert_unless_taken", raiser(OperationalError(reason)))
    asked = idempotency.Asked.of(user_id=guest.pk, key="one", told=b"")

    with pytest.raises(outcome):
        asked.do_once(lambda: idempotency.Answer(201, b""))


def raiser(error):
    def fail(*_):
        raise error

    return fail


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("waves", [7])
def test_duplicates_at_the_same_moment_have_one_effect(api, together, waves):
    """A hundred duplicates in sixteens; `python -m tests.races.rush --duplicates` sends a thousand."""
    for _ in range(waves):
        place = make_property()
        stay = {"property": place.public_id, "check_in": SOON, "check_out": SOON + timedelta(2), "guests": 1}
        send_it = partial(api.as_(make_user()).post, URL, stay, Idempotency_Key="one")

        answers = together([send_it] * 16)

        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.content for answer in answers}) == 1
        assert sum("Idempotent-Replayed" not in answer for answer in answers) == 1
    assert Booking.objects.count() == waves
    assert OutboxMessage.objects.count() == waves


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer: duplicates queue before they claim")
def test_control_without_the_unique_index_duplicates_are_seen(api, guest, body, together):
    """The same race against a table that forgets: some duplicate runs the handler, so the race above is one."""
    with connection.schema_editor() as editor:
        constraint = IdempotencyKey._meta.constraints[0]
        editor.remove_constraint(IdempotencyKey, constraint)
    try:
        answers = together([partial(api.as_(guest).post, URL, body, Idempotency_Key="one")] * 16)
        assert len({answer.content for answer in answers}) > 1
    finally:
        IdempotencyKey.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(IdempotencyKey, constraint)
