"""Search over HTTP: what is free, for whom, at what price, in pages that hold still."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from staybook.booking import availability
from staybook.booking.models import Status
from staybook.catalog import search
from staybook.catalog.models import Amenity, Property
from staybook.common import clock
from tests.factories import SOON, make_booking, make_city, make_property, make_user

pytestmark = pytest.mark.django_db
SEARCH = "/api/v1/search"


def day(number: int):
    return SOON + timedelta(days=number)


def found(api, **query):
    answer = api.get(SEARCH, query)
    assert answer.status_code == 200, answer.content
    return [card["title"] for card in answer.json()["results"]]


def stay(first: int, last: int, **query):
    return {"city": "nairobi", "check_in": day(first), "check_out": day(last)} | query


@pytest.fixture
def loft():
    return make_property(title="Loft")


class TestDates:
    @pytest.mark.parametrize("status", [Status.HELD, Status.CONFIRMED])
    @pytest.mark.parametrize(("first", "last"), [(0, 3), (1, 2), (-1, 1), (2, 5), (-5, 9)])
    def test_taken_nights_hide_a_property(self, api, loft, first, last, status):
        make_booking(loft, nights=3, status=status)

        assert found(api, **stay(first, last)) == []

    @pytest.mark.parametrize(("first", "last"), [(3, 5), (-2, 0)])
    def test_one_leaves_on_the_day_that_another_comes(self, api, loft, first, last):
        make_booking(loft, nights=3)

        assert found(api, **stay(first, last)) == ["Loft"]

    @pytest.mark.parametrize("status", [Status.CANCELLED, Status.EXPIRED])
    def test_what_is_over_hides_nothing(self, api, loft, status):
        make_booking(loft, status=status)

        assert found(api, **stay(0, 2)) == ["Loft"]

    def test_a_hold_that_ran_out_hides_nothing_though_nobody_tidied(self, api, loft):
        make_booking(loft, status=Status.HELD, hold_expires_at=clock.now() - timedelta(seconds=1))

        assert found(api, **stay(0, 2)) == ["Loft"]

    def test_another_property_is_another_matter(self, api, loft):
        make_booking(make_property(title="Other"))

        assert found(api, **stay(0, 2)) == ["Loft"]

    def test_without_dates_all_are_found(self, api, loft):
        make_booking(loft)

        assert found(api, city="nairobi") == ["Loft"]

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({"check_in": day(0)}, "check_out"),
            ({"check_out": day(0)}, "check_in"),
            ({"check_in": day(0), "check_out": day(0)}, "check_out"),
            ({"check_in": day(1), "check_out": day(0)}, "check_out"),
            ({"check_in": day(0), "check_out": day(366)}, "check_out"),
            ({"check_in": "2020-01-01", "check_out": "2020-01-03"}, "check_in"),
            ({"check_in": "2030-02-30", "check_out": day(0)}, "check_in"),
        ],
    )
    def test_dates_that_cannot_be_are_refused(self, api, loft, query, field):
        answer = api.get(SEARCH, {"city": "nairobi"} | query)

        assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])

    @pytest.mark.parametrize(
        ("zone", "status"), [("Pacific/Kiritimati", 400), ("Africa/Nairobi", 400), ("Pacific/Honolulu", 200)]
    )
    def test_today_is_that_of_the_city(self, api, monkeypatch, zone, status):
        """At 22:30 UTC on 1 June it is 2 June in Nairobi and in Kiritimati, and still 1 June in Honolulu."""
        make_city(slug="there", timezone=zone)
        monkeypatch.setattr(clock, "now", lambda: datetime(2029, 6, 1, 22, 30, tzinfo=UTC))

        answer = api.get(SEARCH, {"city": "there", "check_in": "2029-06-01", "check_out": "2029-06-03"})

        assert answer.status_code == status

    def test_without_a_city_today_is_the_last_on_earth(self, api, monkeypatch):
        monkeypatch.setattr(clock, "now", lambda: datetime(2029, 6, 2, 11, 0, tzinfo=UTC))

        assert api.get(SEARCH, {"check_in": "2029-06-01", "check_out": "2029-06-03"}).status_code == 200
        assert api.get(SEARCH, {"check_in": "2029-05-31", "check_out": "2029-06-03"}).status_code == 400


class TestWishes:
    def test_city(self, api, loft):
        make_property(title="Far", city=make_city(slug="lagos", name="Lagos"))

        assert found(api, city="nairobi") == ["Loft"]
        assert set(found(api)) == {"Loft", "Far"}

    def test_an_unknown_city_is_refused(self, api):
        assert list(api.get(SEARCH, {"city": "atlantis"}).json()["fields"]) == ["city"]

    def test_withdrawn_properties_are_not_found(self, api, loft):
        Property.objects.update(is_listed=False)

        assert found(api) == []

    @pytest.mark.parametrize(("guests", "titles"), [(4, ["Loft"]), (5, [])])
    def test_guests(self, api, loft, guests, titles):
        assert found(api, guests=guests) == titles

    @pytest.mark.parametrize(
        ("query", "titles"),
        [
            ({"min_price": 100}, ["Loft"]),
            ({"min_price": "100.01"}, []),
            ({"max_price": 100}, ["Loft"]),
            ({"max_price": "99.99"}, []),
        ],
    )
    def test_prices_are_at_least_and_at_most(self, api, loft, query, titles):
        assert found(api, **query) == titles

    def test_every_amenity_is_there(self, api, loft):
        for slug in ("wifi", "pool"):
            loft.amenities.add(Amenity.objects.create(slug=slug, name=slug.title()))
        one = make_property(title="One")
        one.amenities.add(Amenity.objects.get(slug="wifi"))

        assert set(found(api, amenity=["wifi"])) == {"Loft", "One"}
        assert found(api, amenity=["wifi", "pool"]) == ["Loft"]
        assert found(api, amenity="helipad") == []

    @pytest.mark.parametrize(
        ("q", "is_found"), [("jacaranda", True), ("LOFT jacaranda", True), ("bakery", False), ("loft bakery", False)]
    )
    def test_every_word_is_in_title_or_description(self, api, loft, q, is_found):
        Property.objects.update(description="Under the jacaranda, 100% quiet.")

        assert found(api, q=q) == (["Loft"] if is_found else [])

    @pytest.mark.parametrize("q", ["'", '"', "&|!()", "%", "\\", "a:*", "<->", "-", "😀", "x" * 100])
    def test_no_word_is_syntax(self, api, loft, q):
        assert api.get(SEARCH, {"q": q}).status_code == 200

    @pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite finds letters: word stems are PostgreSQL's")
    def test_words_are_found_by_their_stem(self, api, loft):
        Property.objects.update(description="Two gardens.")

        assert found(api, q="garden") == ["Loft"]

    @pytest.mark.parametrize(
        "query",
        [
            {"guests": 0},
            {"guests": "x"},
            {"min_price": "-1"},
            {"max_price": "NaN"},
            {"sort": "taste"},
            {"q": "x" * 101},
        ],
    )
    def test_what_is_no_wish_is_refused_by_field(self, api, query):
        answer = api.get(SEARCH, query)

        assert (answer.status_code, list(answer.json()["fields"])) == (400, list(query))

    def test_an_empty_field_of_a_form_is_no_wish(self, api, loft):
        assert found(api, city="", check_in="", guests="", q="", cursor="", amenity="") == ["Loft"]


class TestPages:
    @pytest.fixture
    def market(self):
        prices = [Decimal(price) for price in (30, 10, 20, 20, 20, 10)]
        return [make_property(title=f"{number}", nightly=price) for number, price in enumerate(prices)]

    def _all(self, api, between=lambda: None, **query):
        titles, cursor = [], None
        while True:
            page = api.get(SEARCH, query | {"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
            titles += [card["title"] for card in page["results"]]
            cursor = page["next"]
            if cursor is None:
                return titles
            between()

    def test_by_price_ties_by_age(self, api, market):
        assert self._all(api) == ["1", "5", "2", "3", "4", "0"]

    def test_newest_first(self, api, market):
        assert self._all(api, sort="newest") == ["5", "4", "3", "2", "1", "0"]

    def test_pages_hold_still_while_others_list(self, api, market):
        seen = self._all(api, between=lambda: make_property(title="new", nightly=Decimal(10)))

        assert [title for title in seen if title != "new"] == ["1", "5", "2", "3", "4", "0"]

    def test_a_cursor_of_another_order_is_refused(self, api, market):
        cursor = api.get(SEARCH, {"limit": 2}).json()["next"]

        assert api.get(SEARCH, {"limit": 2, "cursor": cursor, "sort": "newest"}).status_code == 400

    def test_a_cursor_that_was_changed_is_refused(self, api, market):
        cursor = api.get(SEARCH, {"limit": 2}).json()["next"]

        assert api.get(SEARCH, {"cursor": "A" + cursor[1:]}).status_code == 400


@pytest.mark.parametrize("number", [5, 50, 500])
def test_a_search_takes_three_statements(number, django_assert_num_queries):
    host, guest, city = make_user("host"), make_user(), make_city()
    for index in range(number):
        place = make_property(host, city=city)
        place.photos.create(image="a.jpg")
        if index % 5 == 0:
            make_booking(place, guest)
    wanted = search.Wanted(city="nairobi", check_in=day(0), check_out=day(2), guests=2, q="loft", amenities=())

    with django_assert_num_queries(3) as captured:
        page = search.find(wanted, taken=availability.taken, limit=500)

    assert len(page.cards) == number - number // 5
    words = " ".join(query["sql"].upper() for query in captured.captured_queries)
    assert "COUNT(" not in words
    assert "OFFSET" not in words


def test_a_search_over_http_takes_three_statements(api, loft):
    api.get(SEARCH)  # what a process does once

    with CaptureQueriesContext(connection) as captured:
        api.get(SEARCH, stay(0, 2, guests=2, q="loft"))
    assert len(captured) <= 3
