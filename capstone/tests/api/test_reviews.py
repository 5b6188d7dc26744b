"""Reviews: one for a stay, by its guest, once it is over; the property counts them."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest

from staybook.booking.models import Status
from staybook.catalog.models import Property
from staybook.common import clock
from staybook.common.errors import Conflict, Invalid
from staybook.common.models import OutboxMessage
from staybook.reviews import services
from staybook.reviews.models import Review
from tests.factories import make_booking, make_city, make_property, make_user

pytestmark = pytest.mark.django_db


def over(place=None, guest=None, **fields):
    """A stay of two nights that ended this morning."""
    place = place or make_property()
    start = clock.today_in(place.city.timezone) - timedelta(days=2)
    return make_booking(place, guest, check_in=start, **{"status": Status.COMPLETED} | fields)


def write(api, booking, somebody=None, **body):
    who = somebody or booking.guest
    return api.as_(who).post(f"/api/v1/bookings/{booking.public_id}/review", {"rating": 4} | body)


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.CONFIRMED])
def test_a_guest_reviews_a_stay_that_is_over(api, status):
    booking = over(status=status)

    answer = write(api, booking, rating=5, text="As shown.")

    assert answer.status_code == 201
    assert {"rating": 5, "text": "As shown.", "guest": {"name": booking.guest.name}}.items() <= answer.json().items()


def test_the_property_counts_it_and_its_version(api):
    place = make_property()
    write(api, over(place), rating=5)
    write(api, make_booking(place, check_in=clock.today_in("Africa/Nairobi") - timedelta(days=9)), rating=4)

    card = api.get(f"/api/v1/properties/{place.public_id}").json()
    assert (card["rating"], card["review_count"], card["version"]) == (4.5, 2, 3)


def test_it_is_announced(api):
    booking = over()
    write(api, booking)

    topics = set(OutboxMessage.objects.values_list("topic", flat=True))
    assert topics == {"property.changed", "review.written"}
    assert OutboxMessage.objects.get(topic="review.written").payload == {"review_id": Review.objects.get().pk}


def test_a_stay_is_reviewed_once_and_counted_once(api):
    booking = over()
    write(api, booking)

    again = write(api, booking, rating=1)

    assert (again.status_code, again.json()["code"]) == (409, "already_reviewed")
    assert Property.objects.values_list("rating_sum", "rating_count").get() == (4, 1)


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.EXPIRED, Status.HELD])
def test_what_was_not_stayed_is_not_reviewed(api, status):
    assert write(api, over(status=status)).json()["code"] == "not_stayed"


@pytest.mark.parametrize(
    ("zone", "outcome"),
    [("Pacific/Honolulu", pytest.raises(Conflict, match="not over")), ("Africa/Nairobi", nullcontext())],
)
def test_a_stay_is_over_on_the_day_of_check_out_where_it_is(monkeypatch, zone, outcome):
    """At 22:30 UTC on 1 June it is 2 June in Nairobi, and still 1 June in Honolulu."""
    place = make_property(city=make_city(slug="there", timezone=zone))
    booking = make_booking(place, check_in=datetime(2029, 5, 31, tzinfo=UTC).date(), nights=2)
    monkeypatch.setattr(clock, "now", lambda: datetime(2029, 6, 1, 22, 30, tzinfo=UTC))

    with outcome:
        services.write_review(guest=booking.guest, booking_id=booking.public_id, rating=4)


def test_another_guest_does_not_see_the_booking(api):
    booking = over()

    assert write(api, booking, make_user()).status_code == 404
    assert write(api, booking, booking.property.host).status_code == 404
    assert api.post(f"/api/v1/bookings/{booking.public_id}/review", {"rating": 4}).status_code == 401


@pytest.mark.parametrize(("field", "value"), [("rating", 0), ("rating", 6), ("rating", "x"), ("text", "x" * 2001)])
def test_what_breaks_a_rule_is_refused_by_field(api, field, value):
    answer = write(api, over(), **{field: value})

    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_the_service_refuses_a_rating_that_is_none():
    booking = over()

    with pytest.raises(Invalid):
        services.write_review(guest=booking.guest, booking_id=booking.public_id, rating=6)


def test_they_are_listed_newest_first_in_pages_without_addresses(api):
    place = make_property()
    today = clock.today_in("Africa/Nairobi")
    for number in range(3):
        write(api, make_booking(place, check_in=today - timedelta(days=5 * number + 5)), text=f"{number}")
    path = f"/api/v1/properties/{place.public_id}/reviews"

    first = api.get(path, {"limit": 2})
    second = api.get(path, {"limit": 2, "cursor": first.json()["next"]})

    assert [row["text"] for row in first.json()["results"] + second.json()["results"]] == ["2", "1", "0"]
    assert second.json()["next"] is None
    assert "@" not in first.content.decode()


def test_of_a_withdrawn_property_there_are_none(api):
    place = make_property(is_listed=False)

    assert api.get(f"/api/v1/properties/{place.public_id}/reviews").status_code == 404


@pytest.mark.parametrize("number", [5, 50])
def test_a_list_takes_two_statements(api, number, django_assert_max_num_queries):
    place = make_property()
    today = clock.today_in("Africa/Nairobi")
    for index in range(number):
        booking = make_booking(place, check_in=today - timedelta(days=index + 1), nights=1)
        Review.objects.create(booking=booking, property=place, guest=booking.guest, rating=3)
    path = f"/api/v1/properties/{place.public_id}/reviews"
    api.get(path)

    with django_assert_max_num_queries(2):
        assert len(api.get(path, {"limit": 100}).json()["results"]) == number


def test_a_review_that_staff_takes_away_counts_no_more(api):
    booking = over()
    write(api, booking)

    services.remove_review(review=Review.objects.get())

    assert Property.objects.values_list("rating_sum", "rating_count").get() == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_two_who_review_at_once_are_both_counted(together):
    place = make_property()
    today = clock.today_in("Africa/Nairobi")
    stays = [make_booking(place, check_in=today - timedelta(days=3 * number + 3)) for number in range(6)]

    together(
        [
            lambda stay=stay: services.write_review(guest=stay.guest, booking_id=stay.public_id, rating=5)
            for stay in stays
        ]
    )

    assert Property.objects.values_list("rating_sum", "rating_count", "version").get() == (30, 6, 7)


@pytest.mark.django_db(transaction=True)
def test_one_stay_reviewed_six_times_at_once_is_reviewed_once(together):
    booking = over()

    done = together([lambda: services.write_review(guest=booking.guest, booking_id=booking.public_id, rating=5)] * 6)

    assert sorted(type(result).__name__ for result in done) == ["Conflict"] * 5 + ["Review"]
    assert Property.objects.values_list("rating_sum", "rating_count").get() == (5, 1)
