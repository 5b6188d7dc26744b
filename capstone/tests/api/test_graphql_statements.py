"""How many statements a query sends: as many as it has lists, whatever is in them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from staybook.accounts.models import Role
from staybook.booking.models import Booking, BookingNight, Status
from staybook.catalog.models import Amenity, Photo, Property
from staybook.graphql import loaders
from staybook.payments.models import Payment, Refund
from staybook.reviews.models import Review
from tests.factories import SOON, make_city, make_user
from tests.graphql_client import ask, data_of, statements

pytestmark = pytest.mark.django_db
PROPERTY = """id title description version city { slug } host { id name } amenities { slug } photos { url }
  reviews(limit: 3) { rating text guest { name } }"""
SEARCH = f"{{ search(limit: 100) {{ results {{ {PROPERTY} }} next }} }}"
BOOKINGS = f"""{{ bookings(limit: 100) {{ results {{
  id price {{ nights {{ night }} }} guest {{ name }} payments {{ id status refunds {{ amount }} }}
  review {{ rating guest {{ name }} }}
  property {{ {PROPERTY.replace("limit: 3", "limit: 2")} }}
}} next }} }}"""
BOOKED = ["booking", "account", "nights", "property", "extras", "details", "reviews", "payments", "refunds", "review"]
OWN = f"""{{ ownProperties(limit: 100) {{ results {{
  takenNights(from: "{SOON}") {PROPERTY.replace("slug }", "slug timezone }", 1)}
}} next }} }}"""


def fill(count):
    """A guest with ``count`` stays, each with a payment and a review, at places of their own with pictures.

    The last place has four reviews more.
    """
    guest, host, city = make_user(), make_user(Role.HOST), make_city()
    kettle = Amenity.objects.get_or_create(slug="kettle", defaults={"name": "Kettle"})[0]
    place = {"host": host, "city": city, "sleeps": 4, "nightly": 100, "currency": "USD"}
    places = Property.objects.bulk_create(Property(title=f"Loft {number}", **place) for number in range(count))
    Property.amenities.through.objects.bulk_create(
        Property.amenities.through(property=each, amenity=kettle) for each in places
    )
    Photo.objects.bulk_create(
        Photo(property=each, position=position, image=f"photos/{position}.jpg")
        for each in places
        for position in range(2)
    )
    stays = book([(each, 0) for each in places], guest)
    payments = Payment.objects.bulk_create(
        Payment(booking=stay, provider="stripe", reference=f"r{stay.pk}", amount=stay.total, currency=stay.currency)
        for stay in stays
    )
    Refund.objects.bulk_create(Refund(payment=each, reference=each.reference, amount=1) for each in payments)
    review(stays, [5] * count)
    review(book([(places[-1], 3 * number) for number in range(1, 5)], guest), [1, 2, 3, 4])
    return guest


def book(wishes, guest):
    """One night each, so many days after SOON."""
    facts = {
        "guest": guest,
        "guests": 1,
        "status": Status.COMPLETED,
        "cleaning_fee": 0,
        "total": 100,
        "currency": "USD",
    }
    nights = [(place, SOON + timedelta(days=days)) for place, days in wishes]
    stays = Booking.objects.bulk_create(
        Booking(property=place, check_in=day, check_out=day + timedelta(days=1), cancellation_policy="strict", **facts)
        for place, day in nights
    )
    BookingNight.objects.bulk_create(BookingNight(booking=stay, night=stay.check_in, price=100) for stay in stays)
    return stays


def review(stays, ratings):
    Review.objects.bulk_create(
        Review(booking=stay, property=stay.property, guest=stay.guest, rating=rating, text=f"{rating}")
        for stay, rating in zip(stays, ratings, strict=True)
    )


@pytest.mark.parametrize("count", [5, 50, 500])
def test_a_search_with_everything_sends_four(api, count):
    fill(count)

    with statements() as sent:
        found = data_of(ask(api, SEARCH))["search"]

    assert len(found["results"]) == min(count, 100)
    assert {len(each["photos"]) for each in found["results"]} == {2}
    assert len(sent) == 4, sent


@pytest.mark.parametrize("count", [5, 50, 500])
def test_bookings_with_everything_send_ten(api, count):
    guest = fill(count)

    with statements() as sent:
        found = data_of(ask(api.as_(guest), BOOKINGS))["bookings"]

    assert len(found["results"]) == min(count + 4, 100)
    assert all(
        len(each["payments"][0]["refunds"]) == 1 and each["property"]["reviews"] for each in found["results"][4:]
    )
    assert len(sent) == len(BOOKED), sent


@pytest.mark.parametrize("count", [5, 50, 500])
def test_own_properties_with_everything_send_seven(api, count):
    fill(count)
    host = Property.objects.first().host
    Booking.objects.filter(check_in=SOON).update(status=Status.CONFIRMED)

    with statements() as sent:
        found = data_of(ask(api.as_(host), OWN))["ownProperties"]

    assert [each["takenNights"] for each in found["results"]] == [[str(SOON)]] * min(count, 100)
    assert len(sent) == len(["account", "properties", "extras", "nights", "details", "zones", "reviews"]), sent


def test_every_city_with_its_zone_sends_two(api):
    for slug in ("accra", "lagos", "nairobi"):
        make_city(slug=slug)

    with statements() as sent:
        found = data_of(ask(api, "{ cities { slug timezone } }"))["cities"]

    assert (len(found), len(sent)) == (3, 2)


def test_what_is_not_asked_for_is_not_read(api):
    guest = fill(3)

    with statements() as cards:
        data_of(ask(api, "{ search { results { id title photos { url } } } }"))
    with statements() as bookings:
        data_of(ask(api.as_(guest), "{ bookings { results { id total: price { total } } } }"))

    assert len(cards) == 2
    assert len(bookings) == 3


def test_what_is_skipped_is_not_read(api):
    fill(2)
    query = "query A($with: Boolean!) { search { results { id reviews @include(if: $with) { text } } } }"

    with statements() as without:
        data_of(ask(api, query, {"with": False}))
    with statements() as sent:
        data_of(ask(api, query, {"with": True}))

    assert len(sent) == len(without) + 1


def test_the_same_list_by_two_names_is_read_once_and_another_length_once_more(api):
    fill(3)

    with statements() as once:
        data_of(ask(api, "{ search { results { a: reviews { text } } } }"))
    with statements() as twice:
        data_of(ask(api, "{ search { results { a: reviews { text } b: reviews { rating } } } }"))
    with statements() as another:
        data_of(ask(api, "{ search { results { a: reviews { text } b: reviews(limit: 5) { rating } } } }"))

    assert len(twice) == len(once)
    assert len(another) == len(once) + 1


def test_a_bounded_list_is_the_newest_of_each(api):
    fill(2)

    found = data_of(ask(api, "{ search(sort: NEWEST) { results { reviews(limit: 2) { rating } } } }"))["search"]

    assert found["results"] == [{"reviews": [{"rating": 4}, {"rating": 3}]}, {"reviews": [{"rating": 5}]}]


def test_a_bound_is_kept_in_the_database():
    fill(1)
    keys = [str(each) for each in Review.objects.values_list("property__public_id", flat=True).distinct()]

    with statements() as sent:
        found = loaders.newest_reviews(keys, 2)

    assert [len(found[key]) for key in keys] == [2]
    assert "ROW_NUMBER() OVER (PARTITION BY" in sent[0]


def test_without_peers_there_is_a_statement_for_each_row(api, monkeypatch):
    """The control: the same query is caught when each row reads for itself."""
    from staybook.graphql import types

    fill(5)
    monkeypatch.setattr(
        types.Property,
        "of_all",
        classmethod(
            lambda cls, cards: [
                cls._of(card, types.City.of_all([card["city"]])[0], types.Peers([card["id"]])) for card in cards
            ]
        ),
    )

    with statements() as sent:
        data_of(ask(api, SEARCH))

    assert len(sent) == 2 + 2 * 5
