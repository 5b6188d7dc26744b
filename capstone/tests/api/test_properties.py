"""Properties over HTTP: who may do what, what is refused, versions, and how many statements it takes."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from staybook.accounts.models import Role
from staybook.catalog import queries, services
from staybook.catalog.models import Amenity, City, Photo, Property
from staybook.common.models import OutboxMessage
from tests.api.paths import PROPERTIES, at
from tests.factories import make_city, make_property, make_user

pytestmark = pytest.mark.django_db


def wish(**fields):
    return {"city": "nairobi", "title": "Loft", "sleeps": 2, "nightly": "50.00", "currency": "USD"} | fields


def _furnish(number: int) -> None:
    host, city = make_user(Role.HOST), make_city()
    amenities = [Amenity.objects.create(slug=f"a{index}", name=f"A {index}") for index in range(3)]
    facts = {"host": host, "city": city, "title": "Loft", "sleeps": 4, "nightly": 100, "currency": "USD"}
    places = Property.objects.bulk_create(Property(**facts) for _ in range(number))
    link = Property.amenities.through
    link.objects.bulk_create(link(property=place, amenity=each) for place in places for each in amenities)
    pictures = ((1, "photos/b.jpg", ""), (0, "photos/a.jpg", "the front"))
    Photo.objects.bulk_create(
        Photo(property=place, position=position, image=image, caption=caption)
        for place in places
        for position, image, caption in pictures
    )


class TestReading:
    def test_a_list_shows_what_is_listed_newest_first(self, api, host):
        first, second = make_property(host), make_property(host)
        make_property(host, is_listed=False)

        body = api.get(PROPERTIES).json()

        assert [card["id"] for card in body["results"]] == [str(second.public_id), str(first.public_id)]
        assert body["next"] is None

    def test_a_card_has_its_photos_in_order_and_its_amenities_by_name(self, api):
        _furnish(1)

        card = api.get(PROPERTIES).json()["results"][0]

        assert [photo["url"] for photo in card["photos"]] == ["/media/photos/a.jpg", "/media/photos/b.jpg"]
        assert card["amenities"][0] == {"slug": "a0", "name": "A 0"}
        assert card["city"] == {"slug": "nairobi", "name": "Nairobi", "country": "KE"}
        assert (card["nightly"], card["rating"], card["review_count"]) == ("100.00", None, 0)

    def test_no_address_is_told(self, api, place):
        assert "@" not in api.get(PROPERTIES).content.decode() + api.get(at(place)).content.decode()

    def test_pages_meet_though_rows_come_between(self, api, host):
        places = [make_property(host) for _ in range(5)]
        first = api.get(PROPERTIES, {"limit": 2}).json()
        make_property(host)
        second = api.get(PROPERTIES, {"limit": 2, "cursor": first["next"]}).json()
        third = api.get(PROPERTIES, {"limit": 2, "cursor": second["next"]}).json()

        seen = [card["id"] for page in (first, second, third) for card in page["results"]]
        assert seen == [str(place.public_id) for place in reversed(places)]
        assert third["next"] is None

    @pytest.mark.parametrize(
        "query", [{"limit": "0"}, {"limit": "101"}, {"limit": "²"}, {"limit": "x"}, {"cursor": "abc"}]
    )
    def test_what_is_no_page_is_refused(self, api, query):
        answer = api.get(PROPERTIES, query)

        assert answer.status_code == 400
        assert list(answer.json()["fields"]) == list(query)
        assert answer["Content-Type"] == "application/problem+json"

    def test_a_withdrawn_property_is_not_there(self, api, host):
        assert api.get(at(make_property(host, is_listed=False))).status_code == 404

    def test_its_host_sees_it_among_the_own(self, api, host):
        gone = make_property(host, is_listed=False)
        make_property()

        results = api.as_(host).get("/api/v1/me/properties").json()["results"]

        assert [(card["id"], card["is_listed"]) for card in results] == [(str(gone.public_id), False)]

    def test_own_properties_come_in_pages(self, api, host):
        for _ in range(3):
            make_property(host)
        first = api.as_(host).get("/api/v1/me/properties", {"limit": 2}).json()
        second = api.as_(host).get("/api/v1/me/properties", {"limit": 2, "cursor": first["next"]}).json()

        assert (len(first["results"]), len(second["results"]), second["next"]) == (2, 1, None)

    def test_cities_and_amenities_are_listed_by_name(self, api):
        make_city(slug="lagos", name="Lagos")
        make_city(slug="accra", name="Accra")
        Amenity.objects.create(slug="wifi", name="Wi-Fi")

        assert [city["slug"] for city in api.get("/api/v1/cities").json()["results"]] == ["accra", "lagos"]
        assert api.get("/api/v1/amenities").json()["results"] == [{"slug": "wifi", "name": "Wi-Fi"}]

    @pytest.mark.parametrize("number", [5, 50, 500])
    def test_a_list_takes_two_statements(self, number, django_assert_num_queries):
        _furnish(number)

        with django_assert_num_queries(2):
            assert len(queries.listed(after=None, limit=500).cards) == number

    def test_a_detail_takes_two_statements(self, place, django_assert_num_queries):
        with django_assert_num_queries(2):
            queries.detail(place.public_id)

    @pytest.mark.parametrize("number", [5, 50, 500])
    def test_a_list_over_http_takes_at_most_three(self, api, number):
        _furnish(number)
        api.get(PROPERTIES)  # what a process does once

        with CaptureQueriesContext(connection) as captured:
            api.get(PROPERTIES, {"limit": 100})
        assert len(captured) <= 3

    def test_who_sends_a_bad_token_reads_all_the_same(self, api, place):
        assert api.get(at(place), Authorization="Bearer nonsense").status_code == 200


class TestWriting:
    def test_a_host_lists_a_property(self, api, host):
        make_city()
        Amenity.objects.create(slug="wifi", name="Wi-Fi")

        answer = api.as_(host).post(PROPERTIES, wish(amenities=["wifi"], description="Under the jacaranda."))

        body = answer.json()
        assert (answer.status_code, answer["ETag"], answer["Location"]) == (201, '"v1"', f"{PROPERTIES}/{body['id']}")
        assert body["amenities"] == [{"slug": "wifi", "name": "Wi-Fi"}]
        assert api.get(f"{PROPERTIES}/{body['id']}").json() == body

    def test_a_new_property_is_announced(self, api, host):
        make_city()
        api.as_(host).post(PROPERTIES, wish())

        message = OutboxMessage.objects.get(topic="property.changed")
        assert message.payload == {"property_id": Property.objects.get().pk, "city_id": City.objects.get().pk}

    @pytest.mark.parametrize("role", [Role.GUEST, None])
    def test_others_do_not(self, api, role):
        make_city()
        somebody = make_user(role) if role else None

        assert api.as_(somebody).post(PROPERTIES, wish()).status_code == (403 if role else 401)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("nightly", "-1"),
            ("nightly", "0"),
            ("nightly", "NaN"),
            ("nightly", "1e9"),
            ("cleaning_fee", "-0.01"),
            ("sleeps", 0),
            ("sleeps", 51),
            ("currency", "XXX"),
            ("city", "atlantis"),
            ("title", ""),
            ("title", "x" * 121),
            ("description", "x" * 4001),
            ("cancellation_policy", "whim"),
            ("amenities", ["helipad"]),
        ],
    )
    def test_what_breaks_a_rule_is_refused_by_field(self, api, host, field, value):
        make_city()

        answer = api.as_(host).post(PROPERTIES, wish(**{field: value}))

        assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
        assert not Property.objects.exists()

    def test_what_hosts_may_not_set_is_ignored(self, api, host):
        make_city()
        body = api.as_(host).post(PROPERTIES, wish(rating_sum=500, version=9, host=1)).json()

        assert (body["version"], body["rating"], body["host"]["id"]) == (1, None, str(host.public_id))

    def test_a_change_needs_the_version_that_was_read(self, api, host, place):
        assert api.as_(host).patch(at(place), {"title": "New"}).status_code == 428

    def test_a_change_counts_the_version_up(self, api, host, place, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            answer = api.as_(host).patch(at(place), {"title": "New"}, If_Match=api.get(at(place))["ETag"])

        assert (answer.status_code, answer["ETag"], answer.json()["title"]) == (200, '"v2"', "New")
        assert api.get(at(place))["ETag"] == '"v2"'

    @pytest.mark.parametrize("tag", ['"v1"', 'W/"v2"', '"else"', "v2", '"v99999999999"', ""])
    def test_a_stale_change_is_refused(self, api, host, place, tag):
        api.as_(host).patch(at(place), {"title": "New"}, If_Match='"v1"')

        answer = api.as_(host).patch(at(place), {"title": "Newer"}, If_Match=tag)

        assert (answer.status_code, answer.json()["code"]) == (412, "stale")
        assert api.get(at(place)).json()["title"] == "New"

    @pytest.mark.parametrize("tag", ["*", '"v7", "v1"'])
    def test_if_match_may_be_any_or_a_list(self, api, host, place, tag):
        assert api.as_(host).patch(at(place), {"title": "New"}, If_Match=tag).status_code == 200

    def test_city_and_amenities_change_too(self, api, host, place):
        make_city(slug="lagos", name="Lagos", timezone="Africa/Lagos")
        Amenity.objects.create(slug="pool", name="Pool")

        body = api.as_(host).patch(at(place), {"city": "lagos", "amenities": ["pool"]}, If_Match="*").json()

        assert (body["city"]["slug"], body["timezone"], len(body["amenities"])) == ("lagos", "Africa/Lagos", 1)

    def test_another_host_changes_nothing(self, api, place):
        other = make_user(Role.HOST)

        assert api.as_(other).patch(at(place), {"title": "Mine"}, If_Match="*").status_code == 403
        assert api.as_(other).delete(at(place)).status_code == 403
        assert api.as_(make_user()).delete(at(place)).status_code == 403
        assert Property.objects.filter(pk=place.pk, is_listed=True, version=1).exists()

    def test_staff_may(self, api, place):
        staff = make_user(Role.ADMIN)

        assert api.as_(staff).patch(at(place), {"title": "Fixed"}, If_Match="*").status_code == 200

    def test_what_is_withdrawn_comes_back(self, api, host, place):
        assert api.as_(host).delete(at(place)).status_code == 204
        assert api.get(at(place)).status_code == 404
        assert api.as_(host).patch(at(place), {"is_listed": True}, If_Match="*").status_code == 200
        assert api.get(at(place)).status_code == 200

    def test_a_stale_withdrawal_is_refused(self, api, host, place):
        assert api.as_(host).delete(at(place), If_Match='"v7"').status_code == 412

    def test_a_withdrawn_property_of_another_is_not_there(self, api, place):
        Property.objects.update(is_listed=False)

        assert api.as_(make_user(Role.HOST)).delete(at(place)).status_code == 404

    def test_a_service_names_what_it_cannot_set(self, host):
        with pytest.raises(TypeError, match="rating_sum"):
            services.create_property(host=host, city="nairobi", rating_sum=5)
