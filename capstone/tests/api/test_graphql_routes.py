"""What REST can, GraphQL can: each route has a field, for the same people, or there is a reason why it has none."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from staybook.accounts.models import Role
from staybook.booking.models import Status
from staybook.catalog.models import Amenity
from staybook.common import clock
from staybook.graphql.schema import schema
from staybook.payments.models import Payment, PaymentStatus
from tests.api import test_graphql_permissions, test_permissions
from tests.api.test_graphql_parity import DETAIL, as_rest, rest
from tests.factories import SOON, make_booking, make_city, make_property, make_user
from tests.graphql_client import ask, data_of, errors_of

pytestmark = pytest.mark.django_db
SNAPSHOT = Path(__file__).parent / "schema.graphql"
FIELDS = {
    "GET /api/v1/amenities": "Query.amenities",
    "GET /api/v1/cities": "Query.cities",
    "GET /api/v1/search": "Query.search",
    "GET /api/v1/properties": "Query.search",
    "GET /api/v1/properties/{property_id}": "Query.property",
    "GET /api/v1/properties/{property_id}/calendar": "Query.property",
    "GET /api/v1/properties/{property_id}/reviews": "Query.reviews",
    "GET /api/v1/me": "Query.me",
    "PATCH /api/v1/me": "Mutation.rename",
    "GET /api/v1/me/properties": "Query.ownProperties",
    "POST /api/v1/properties": "Mutation.createProperty",
    "PATCH /api/v1/properties/{property_id}": "Mutation.updateProperty",
    "DELETE /api/v1/properties/{property_id}": "Mutation.updateProperty",
    "GET /api/v1/bookings": "Query.bookings",
    "POST /api/v1/bookings": "Mutation.hold",
    "GET /api/v1/bookings/{booking_id}": "Query.booking",
    "POST /api/v1/bookings/{booking_id}/cancel": "Mutation.cancelBooking",
    "POST /api/v1/bookings/{booking_id}/review": "Mutation.writeReview",
    "POST /api/v1/bookings/{booking_id}/payments": "Mutation.startPayment",
    "GET /api/v1/payments/{payment_id}": "Query.payment",
    "POST /api/v1/payments/{payment_id}/check": "Mutation.checkPayment",
    "POST /api/v1/payments/{payment_id}/refunds": "Mutation.refundPayment",
}
WITHOUT = {
    "POST /api/v1/auth/": "Tokens are had over REST, by one door with one limit.",
    "POST /api/v1/properties/{property_id}/photos": "A file is no JSON.",
    "PUT /api/v1/properties/{property_id}/photos": "Pictures are put in order where they are uploaded.",
    "DELETE /api/v1/properties/{property_id}/photos/": "And taken away.",
    "POST /api/v1/webhooks/": "Providers speak HTTP.",
}
"""By the beginning of the route."""
CODES = {401: {"unauthenticated"}, 403: {"forbidden", "own_property"}, 404: {"not_found"}}


def test_each_route_has_a_field_or_a_reason():
    others = test_permissions.routes() - FIELDS.keys()

    assert sorted(FIELDS.keys() - test_permissions.routes()) == []
    assert [route for route in others if not route.startswith(tuple(WITHOUT))] == []
    assert [reason for reason in WITHOUT if not any(route.startswith(reason) for route in others)] == []


def test_each_field_is_one_of_a_route():
    assert set(FIELDS.values()) == set(test_graphql_permissions.TABLE)


@pytest.mark.parametrize("route", FIELDS)
def test_a_field_is_for_whom_its_route_is_for(route):
    statuses, codes = test_permissions.TABLE[route], test_graphql_permissions.TABLE[FIELDS[route]]

    assert [code in CODES.get(status, {""}) for status, code in zip(statuses, codes, strict=True)] == [True] * 5


def test_the_schema_is_the_one_that_clients_know():
    """A change of it is seen in review. When it is meant, write it anew:

    python manage.py shell -v 0 -c "from staybook.graphql.schema import schema; print(schema.as_str())" >
    tests/api/schema.graphql
    """
    assert schema.as_str().strip() == SNAPSHOT.read_text().strip()


def test_ones_own_properties_page_by_page_withdrawn_ones_too(api):
    host = make_user(Role.HOST)
    for number in range(5):
        make_property(host, is_listed=number != 3)
    make_property()
    query = f"""query A($cursor: String) {{
      ownProperties(limit: 2, cursor: $cursor) {{ results {{ {DETAIL} }} next }} }}"""

    cursor, seen = None, []
    for _ in range(3):
        over_graphql = as_rest(data_of(ask(api.as_(host), query, {"cursor": cursor}))["ownProperties"])
        asked = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        assert over_graphql == rest(api.as_(host).get("/api/v1/me/properties", asked))
        cursor = over_graphql["next"]
        seen += [each["is_listed"] for each in over_graphql["results"]]

    assert (cursor, seen) == (None, [True, False, True, True, True])


def test_cities_and_amenities(api):
    make_city(slug="accra", name="Accra", country="GH", timezone="Africa/Accra")
    make_city()
    Amenity.objects.create(slug="sauna", name="Sauna")

    found = data_of(ask(api, "{ cities { slug name country timezone } amenities { slug name } }"))

    assert found["cities"] == rest(api.get("/api/v1/cities"))["results"]
    assert found["amenities"] == rest(api.get("/api/v1/amenities"))["results"]
    assert len(found["cities"]) == 2


class TestACalendar:
    QUERY = "query A($id: UUID!, $from: Date, $to: Date) { property(id: $id) { takenNights(from: $from, to: $to) } }"

    def both(self, api, place, start=None, end=None):
        asked = {"from": start and str(start), "to": end and str(end)}
        over_rest = api.get(
            f"/api/v1/properties/{place.public_id}/calendar", {key: it for key, it in asked.items() if it}
        )
        return ask(api, self.QUERY, {"id": str(place.public_id)} | asked), over_rest

    @pytest.mark.parametrize(("start", "end"), [(-1, None), (0, 1), (1, 3), (2, 400), (5, 6), (None, None)])
    def test_has_the_same_nights(self, api, start, end):
        place, today = make_property(), clock.today_in("Africa/Nairobi")
        make_booking(place, check_in=today, nights=3)
        make_booking(place, check_in=today + timedelta(days=70), status=Status.CANCELLED)
        days = [None if each is None else today + timedelta(days=each) for each in (start, end)]

        over_graphql, over_rest = self.both(api, place, *days)

        assert data_of(over_graphql)["property"]["takenNights"] == rest(over_rest)["taken"]

    @pytest.mark.parametrize(
        ("start", "end"),
        [(SOON, SOON), (SOON, SOON - timedelta(days=1)), (SOON, SOON + timedelta(days=401)), (date.max, None)],
    )
    def test_has_the_same_bounds(self, api, start, end):
        over_graphql, over_rest = self.both(api, make_property(), start, end)

        extensions = over_graphql.json()["errors"][0]["extensions"]
        assert over_graphql.json()["data"]["property"] == {"takenNights": None}
        assert (extensions["code"], extensions["fields"]) == ("invalid", over_rest.json()["fields"])

    def test_of_a_withdrawn_property_is_nobodys_business(self, api):
        place = make_property(is_listed=False)

        over_graphql, over_rest = self.both(api.as_(place.host), place)

        assert data_of(over_graphql)["property"] == {"takenNights": None}
        assert over_rest.status_code == 404


def test_reviews_page_by_page(api):
    place = make_property()
    for number in range(5):
        stay = make_booking(place, check_in=SOON + timedelta(days=3 * number), status=Status.COMPLETED)
        place.reviews.create(booking=stay, guest=stay.guest, rating=1 + number, text=f"{number}")
    query = """query A($id: UUID!, $cursor: String) { reviews(propertyId: $id, limit: 2, cursor: $cursor) {
      results { id rating text guest { name } createdAt } next } }"""

    cursor, seen = None, []
    for _ in range(3):
        over_graphql = as_rest(data_of(ask(api, query, {"id": str(place.public_id), "cursor": cursor}))["reviews"])
        asked = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        assert over_graphql == rest(api.get(f"/api/v1/properties/{place.public_id}/reviews", asked))
        cursor = over_graphql["next"]
        seen += [each["rating"] for each in over_graphql["results"]]

    assert (cursor, seen) == (None, [5, 4, 3, 2, 1])


def test_reviews_of_what_is_not_listed_are_not_found(api):
    query = "query A($id: UUID!) { reviews(propertyId: $id) { next } }"

    assert errors_of(ask(api, query, {"id": str(make_property(is_listed=False).public_id)})) == ["not_found"]


class TestRefunds:
    REFUND = "{ reference amount reason status createdAt doneAt }"
    GIVE = f"""mutation A($id: UUID!, $amount: Decimal, $reason: String!, $key: String!) {{
      refundPayment(id: $id, amount: $amount, reason: $reason, idempotencyKey: $key) {REFUND} }}"""

    @pytest.fixture
    def payment(self):
        booking = make_booking()
        money = {"amount": booking.total, "currency": booking.currency, "captured": booking.total}
        money["captured_currency"] = booking.currency
        return Payment.objects.create(
            booking=booking, provider="stripe", reference="r", status=PaymentStatus.SUCCEEDED, **money
        )

    def give(self, somebody, payment, amount, reason="goodwill", key="1"):
        facts = {"id": str(payment.public_id), "amount": amount, "reason": reason, "key": key}
        return ask(somebody, self.GIVE, facts)

    def test_what_staff_owe_over_one_is_shown_by_both(self, api, payment):
        staff, guest = api.as_(make_user(Role.ADMIN)), api.as_(payment.booking.guest)

        given = data_of(self.give(staff, payment, "10.00"))["refundPayment"]

        of_payment = f"query A($id: UUID!) {{ payment(id: $id) {{ refunds {self.REFUND} }} }}"
        of_booking = f"query A($id: UUID!) {{ booking(id: $id) {{ payments {{ refunds {self.REFUND} }} }} }}"
        seen = data_of(ask(guest, of_payment, {"id": str(payment.public_id)}))["payment"]
        linked = data_of(ask(guest, of_booking, {"id": str(payment.booking.public_id)}))["booking"]["payments"]
        over_rest = rest(guest.get(f"/api/v1/payments/{payment.public_id}"))
        assert given["amount"] == "10.00"
        assert seen["refunds"] == linked[0]["refunds"] == [given]
        assert [as_rest(given)] == over_rest["refunds"]

    def test_the_same_key_owes_once(self, api, payment):
        staff = api.as_(make_user(Role.ADMIN))

        first, again = (self.give(staff, payment, "10.00") for _ in range(2))

        assert data_of(first) == data_of(again)
        assert again.json()["extensions"]["replayed"]
        assert payment.refunds.count() == 1

    @pytest.mark.parametrize(
        ("amount", "reason", "code"),
        [
            ("1000.00", "a", "refund_too_much"),
            ("0", "a", "invalid"),
            ("1.00", "", "invalid"),
            ("1.00", "x" * 31, "invalid"),
        ],
    )
    def test_what_is_refused_is_refused(self, api, payment, amount, reason, code):
        answer = self.give(api.as_(make_user(Role.ADMIN)), payment, amount, reason)

        assert errors_of(answer) == [code]
        assert not payment.refunds.exists()


@pytest.mark.parametrize(
    ("name", "codes"), [("Ada", []), ("", ["invalid"]), ("x" * 81, ["invalid"]), ("\x00", ["invalid"])]
)
def test_a_name_is_changed_where_it_can_be_one(api, name, codes):
    user = make_user(name="Before")

    answer = ask(api.as_(user), "mutation A($name: String!) { rename(name: $name) { name } }", {"name": name})

    user.refresh_from_db()
    assert errors_of(answer) == codes
    assert user.name == ("Before" if codes else name)
