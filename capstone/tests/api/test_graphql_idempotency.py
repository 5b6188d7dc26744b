"""``idempotencyKey``: one effect, one answer, as the header Idempotency-Key over REST."""

from __future__ import annotations

from datetime import timedelta

import pytest

from staybook.booking.models import Booking, Status
from staybook.common import clock
from staybook.common.errors import Busy, GatewayFailed
from staybook.common.idempotency import KEPT
from staybook.common.models import IdempotencyKey, OutboxMessage
from staybook.graphql import mutations
from staybook.payments.models import Payment
from tests.factories import SOON, make_booking, make_property, make_user
from tests.graphql_client import HOLD, ask, data_of, errors_of, hold_by_graphql

pytestmark = pytest.mark.django_db
PAY = """mutation Pay($id: UUID!, $key: String!) {
  startPayment(bookingId: $id, provider: STRIPE, idempotencyKey: $key) { id status }
}"""


def hold(api, place, *, nights=2, key="a"):
    return hold_by_graphql(api, place, check_in=SOON, check_out=SOON + timedelta(days=nights), key=key)


@pytest.fixture
def somebody(api):
    return api.as_(make_user())


@pytest.fixture
def place():
    return make_property()


def test_the_same_key_gives_the_same_booking_and_says_so(somebody, place):
    wish = {"propertyId": str(place.public_id), "checkIn": str(SOON), "checkOut": "2030-06-04", "guests": 1}

    first = ask(somebody, HOLD, {"input": wish, "key": "a"})
    again = ask(somebody, HOLD, {"input": wish, "key": "a"})

    assert again.json()["data"] == data_of(first)
    assert "replayed" not in first.json()["extensions"]
    assert again.json()["extensions"]["replayed"] is True
    assert (Booking.objects.count(), OutboxMessage.objects.count()) == (1, 1)


def test_the_answer_is_what_it_was_whatever_became_of_the_booking(somebody, place):
    first = hold(somebody, place)
    Booking.objects.update(status=Status.EXPIRED, hold_expires_at=None)

    assert hold(somebody, place) == first


def test_other_fields_may_be_asked_of_the_same_answer(somebody, place):
    _, _, first = hold(somebody, place)
    query = HOLD.replace("id status", "id currency: price { currency }")
    wish = {"propertyId": str(place.public_id), "checkIn": str(SOON), "checkOut": "2030-06-05", "guests": 1}

    again = data_of(ask(somebody, query, {"input": wish, "key": "a"}))["hold"]

    assert (again["id"], again["currency"]) == (first["id"], {"currency": "USD"})


def test_the_key_of_another_request_is_refused(somebody, place):
    hold(somebody, place)

    assert hold(somebody, place, nights=3)[1:] == ("idempotency_key_reused", None)
    assert hold(somebody, make_property())[1:] == ("idempotency_key_reused", None)
    assert Booking.objects.count() == 1


def test_a_key_of_rest_is_no_key_of_graphql(somebody, place):
    body = {"property": place.public_id, "check_in": SOON, "check_out": SOON + timedelta(days=2), "guests": 1}
    assert somebody.post("/api/v1/bookings", body, Idempotency_Key="a").status_code == 201

    assert hold(somebody, place)[1:] == ("idempotency_key_reused", None)


def test_keys_are_a_callers_own(api, somebody, place):
    hold(somebody, place)

    assert hold(api.as_(make_user()), place)[1] == "nights_taken"


def test_a_refusal_is_kept(somebody, place):
    taken = make_booking(place)
    assert hold(somebody, place)[1] == "nights_taken"
    taken.night_prices.all().delete()
    taken.delete()

    assert hold(somebody, place)[1] == "nights_taken"
    assert hold(somebody, place, key="b")[1] == ""


def test_a_refusal_is_kept_with_its_fields(somebody, place):
    wish = {"propertyId": str(place.public_id), "checkIn": str(SOON), "checkOut": str(SOON), "guests": 9}

    first, again = (ask(somebody, HOLD, {"input": wish, "key": "a"}).json()["errors"][0] for _ in range(2))

    assert set(first["extensions"].pop("fields")) == set(again["extensions"].pop("fields")) == {"checkOut", "guests"}
    assert first["message"] == again["message"]


def test_try_again_is_never_kept(somebody, place, monkeypatch):
    def fail(**_):
        raise Busy("Others are in the way.")

    with monkeypatch.context() as patched:
        patched.setattr(mutations.booking_services, "hold", fail)
        assert hold(somebody, place)[1] == "busy"

    assert hold(somebody, place)[1] == ""


def test_what_fails_leaves_no_claim(somebody, place, monkeypatch):
    def fail(**_):
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(mutations, "booking_card", fail)
        assert hold(somebody, place)[1] == "internal_error"

    assert not IdempotencyKey.objects.exists()
    assert not Booking.objects.exists()
    assert hold(somebody, place)[1] == ""


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 256, '"'])
def test_a_key_is_1_to_255_visible_characters(somebody, place, key):
    wish = {"propertyId": str(place.public_id), "checkIn": str(SOON), "checkOut": "2030-06-05", "guests": 1}

    answer = ask(somebody, HOLD, {"input": wish, "key": key})

    assert errors_of(answer) == ["idempotency_key_invalid"]
    assert not Booking.objects.exists()


def test_a_key_is_kept_for_a_day(somebody, place):
    first = hold(somebody, place)
    IdempotencyKey.objects.update(created_at=clock.now() - KEPT - timedelta(minutes=1))

    assert hold(somebody, place)[1] == "nights_taken"
    assert first[1] == ""


def test_a_payment_is_started_once(api, monkeypatch):
    booking = make_booking(status=Status.HELD)
    asked = {"id": str(booking.public_id), "key": "a"}
    calls = []

    def start(**given):
        calls.append(given)
        if len(calls) == 1:
            raise GatewayFailed("The provider does not answer.")
        facts = {"amount": booking.total, "currency": booking.currency}
        return Payment.objects.create(booking=booking, provider="stripe", reference=f"r{len(calls)}", **facts)

    monkeypatch.setattr(mutations.payment_services, "start", start)
    somebody = api.as_(booking.guest)
    failed, first, again = (ask(somebody, PAY, asked) for _ in range(3))

    assert errors_of(failed) == ["gateway_failed"]
    assert again.json()["data"] == data_of(first)
    assert again.json()["extensions"]["replayed"] is True
    assert len(calls) == 2


def test_a_refused_payment_stays_refused(api):
    booking = make_booking(status=Status.CANCELLED)
    asked = {"id": str(booking.public_id), "key": "a"}
    somebody = api.as_(booking.guest)
    refused = errors_of(ask(somebody, PAY, asked))
    Booking.objects.update(status=Status.HELD, hold_expires_at=clock.now() + timedelta(minutes=5))

    assert errors_of(ask(somebody, PAY, asked)) == refused != []


def hold_sixteen_times(api, together, place, guest):
    return together([lambda: hold(api.as_(guest), place)] * 16)


@pytest.mark.django_db(transaction=True)
def test_sixteen_duplicates_at_one_moment_are_one_booking(api, together, without_limits):
    place, guest = make_property(), make_user()

    answers = hold_sixteen_times(api, together, place, guest)

    assert {code for _, code, _ in answers} == {""}
    assert len({booking["id"] for _, _, booking in answers}) == 1
    assert (Booking.objects.count(), IdempotencyKey.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_without_the_claim_duplicates_are_refused(api, together, without_limits, monkeypatch):
    """The control: the same run without keys must not look as if it had them."""
    monkeypatch.setattr(mutations, "once", lambda info, key, arguments, effect: effect())
    place, guest = make_property(), make_user()

    answers = hold_sixteen_times(api, together, place, guest)

    assert sorted({code for _, code, _ in answers}) == ["", "nights_taken"]
