"""The same facts over REST and over GraphQL: a property, a page of search, bookings, reviews, an account, cursors."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from decimal import Decimal

import pytest

from staybook.accounts.models import Role
from staybook.booking.models import Status
from staybook.catalog.models import Amenity
from staybook.common import clock
from staybook.payments.models import Payment
from tests.factories import SOON, make_booking, make_property, make_user
from tests.graphql_client import ask, data_of

pytestmark = pytest.mark.django_db
CARD = """id title city { slug name country } sleeps nightly cleaningFee currency cancellationPolicy rating reviewCount
  amenities { slug name } photos { id url caption } host { id name }"""
DETAIL = f"{CARD} description timezone version isListed createdAt"
BOOKING = """id status property { id title } guest { id name } checkIn checkOut nights guests
  price { nights { night price } cleaningFee total currency }
  cancellationPolicy holdExpiresAt createdAt cancelledAt"""
ENUMS = {"status", "cancellation_policy", "role", "provider"}


def as_rest(value, name=""):
    """What GraphQL answered, with REST's names and values of enumerations."""
    if isinstance(value, dict):
        named = {re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", key): inner for key, inner in value.items()}
        return {key: as_rest(inner, key) for key, inner in named.items()}
    if isinstance(value, list):
        return [as_rest(each) for each in value]
    if name in ENUMS:
        return value.lower()
    return value.replace("+00:00", "Z") if name.endswith("_at") and value else value


def rest(response):
    assert response.status_code in (200, 201), response.content
    return in_z(response.json())


def in_z(value, name=""):
    """Moments in one of the two ways to write UTC. Source: RFC 3339, section 4.3."""
    if isinstance(value, dict):
        return {key: in_z(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [in_z(each) for each in value]
    return value.replace("+00:00", "Z") if name.endswith("_at") and value else value


@pytest.fixture
def place():
    made = make_property(title="Ünter den Linden", description="Bright, by the market", cleaning_fee=Decimal("7.50"))
    made.amenities.add(*(Amenity.objects.create(slug=slug, name=slug.title()) for slug in ("wifi", "sauna")))
    for position, caption in enumerate(("Front", "Back")):
        made.photos.create(position=position, image=f"photos/{caption}.jpg", caption=caption)
    return made


def test_a_property(api, place):
    query = f"query A($id: UUID!) {{ property(id: $id) {{ {DETAIL} }} }}"

    over_graphql = data_of(ask(api, query, {"id": str(place.public_id)}))["property"]

    assert as_rest(over_graphql) == rest(api.get(f"/api/v1/properties/{place.public_id}"))


@pytest.mark.parametrize("sort", ["price", "newest"])
def test_a_search_page_by_page_now_over_one_and_now_over_the_other(api, place, sort):
    for number in range(6):
        make_property(nightly=f"{90 + number // 2}.00")
    query = f"""query A($sort: Sort!, $cursor: String) {{
      search(city: "nairobi", guests: 2, maxPrice: "150", sort: $sort, limit: 2, cursor: $cursor) {{
        results {{ {CARD} }} next }} }}"""
    asked = {"city": "nairobi", "guests": 2, "max_price": "150", "sort": sort, "limit": 2}

    cursor, seen = None, []
    for _ in range(4):
        over_graphql = as_rest(data_of(ask(api, query, {"sort": sort.upper(), "cursor": cursor}))["search"])
        over_rest = rest(api.get("/api/v1/search", asked | ({"cursor": cursor} if cursor else {})))
        assert over_graphql == over_rest
        cursor = over_rest["next"]
        seen += [each["id"] for each in over_rest["results"]]

    assert cursor is None
    assert len(seen) == len(set(seen)) == 7


def test_a_search_with_dates_amenities_and_words(api, place):
    make_booking(make_property(title="Bright, but taken"), nights=3)
    query = f"""{{ search(checkIn: "{SOON}", checkOut: "{SOON + timedelta(days=2)}", q: "bright market",
      amenities: ["wifi", "sauna"]) {{ results {{ {CARD} }} next }} }}"""
    asked = {
        "check_in": SOON,
        "check_out": SOON + timedelta(days=2),
        "q": "bright market",
        "amenity": ["wifi", "sauna"],
    }

    over_graphql = as_rest(data_of(ask(api, query))["search"])

    assert over_graphql == rest(api.get("/api/v1/search", asked))
    assert [each["id"] for each in over_graphql["results"]] == [str(place.public_id)]


@pytest.mark.parametrize(
    ("over_graphql", "over_rest"),
    [
        ('city: "atlantis"', {"city": "atlantis"}),
        ("limit: 0", {"limit": 0}),
        ("limit: 101", {"limit": 101}),
        ("guests: 0", {"guests": 0}),
        ("guests: 51", {"guests": 51}),
        ('cursor: "x"', {"cursor": "x"}),
        ('checkIn: "2030-06-03"', {"check_in": "2030-06-03"}),
        ('checkIn: "2030-06-03", checkOut: "2030-06-03"', {"check_in": "2030-06-03", "check_out": "2030-06-03"}),
        ('checkIn: "2001-01-01", checkOut: "2001-01-02"', {"check_in": "2001-01-01", "check_out": "2001-01-02"}),
        (f'q: "{"x" * 201}"', {"q": "x" * 201}),
        (f'city: "{"x" * 61}"', {"city": "x" * 61}),
        (f"amenities: {json.dumps(['x'] * 11)}", {"amenity": ["x"] * 11}),
    ],
)
def test_what_is_wrong_is_wrong_on_both(api, over_graphql, over_rest):
    error = ask(api, f"{{ search({over_graphql}) {{ next }} }}").json()["errors"][0]["extensions"]
    problem = api.get("/api/v1/search", over_rest).json()

    assert error["code"] == problem["code"] == "invalid"
    assert [name.replace("amenities", "amenity") for name in as_rest(error["fields"])] == list(problem["fields"])


@pytest.mark.parametrize("status", [Status.HELD, Status.CONFIRMED, Status.CANCELLED])
def test_a_booking(api, place, status):
    booking = make_booking(place, status=status, cancelled_at=clock.now() if status == Status.CANCELLED else None)
    somebody = api.as_(booking.guest)
    query = f"query A($id: UUID!) {{ booking(id: $id) {{ {BOOKING} }} }}"

    over_graphql = data_of(ask(somebody, query, {"id": str(booking.public_id)}))["booking"]

    assert as_rest(over_graphql) == rest(somebody.get(f"/api/v1/bookings/{booking.public_id}"))


@pytest.mark.parametrize("side", ["guest", "host"])
def test_bookings_page_by_page(api, place, side):
    guest = make_user()
    for number in range(5):
        make_booking(place, guest, check_in=SOON + timedelta(days=2 * number))
    somebody = api.as_(guest if side == "guest" else place.host)
    query = f"""query A($side: Side!, $cursor: String) {{
      bookings(as: $side, limit: 2, cursor: $cursor) {{ results {{ {BOOKING} }} next }} }}"""

    cursor = None
    for _ in range(3):
        over_graphql = as_rest(data_of(ask(somebody, query, {"side": side.upper(), "cursor": cursor}))["bookings"])
        asked = {"as": side, "limit": 2} | ({"cursor": cursor} if cursor else {})
        assert over_graphql == rest(somebody.get("/api/v1/bookings", asked))
        cursor = over_graphql["next"]

    assert cursor is None


def test_a_payment(api):
    booking = make_booking(status=Status.HELD)
    facts = {"amount": booking.total, "currency": booking.currency, "checkout_url": "https://pay.example/1"}
    payment = Payment.objects.create(booking=booking, provider="chapa", reference="r", status="pending", **facts)
    somebody = api.as_(booking.guest)
    shown = "{ id booking: bookingId provider status amount currency checkoutUrl createdAt }"
    query = f"query A($id: UUID!) {{ payment(id: $id) {shown} }}"
    of_booking = f"query A($id: UUID!) {{ booking(id: $id) {{ payments {shown} }} }}"

    over_graphql = data_of(ask(somebody, query, {"id": str(payment.public_id)}))["payment"]
    (linked,) = data_of(ask(somebody, of_booking, {"id": str(booking.public_id)}))["booking"]["payments"]

    over_rest = rest(somebody.get(f"/api/v1/payments/{payment.public_id}"))
    assert linked == over_graphql
    assert as_rest(over_graphql) == {name: over_rest[name] for name in as_rest(over_graphql)}


def test_reviews_and_the_rating_that_they_make(api):
    stay = make_booking(check_in=clock.now().date() - timedelta(days=9), status=Status.COMPLETED)
    somebody, place = api.as_(stay.guest), stay.property.public_id
    review = "id rating text guest { name } createdAt"
    write = f'mutation A($id: UUID!) {{ writeReview(bookingId: $id, rating: 4, text: "Calm") {{ {review} }} }}'

    written = as_rest(data_of(ask(somebody, write, {"id": str(stay.public_id)}))["writeReview"])

    query = f"query A($id: UUID!) {{ property(id: $id) {{ rating reviewCount reviews {{ {review} }} }} }}"
    seen = as_rest(data_of(ask(api, query, {"id": str(place)}))["property"])
    assert seen == {"rating": 4.0, "review_count": 1, "reviews": [written]}
    assert rest(api.get(f"/api/v1/properties/{place}/reviews"))["results"] == [written]


def test_an_account(api):
    somebody = api.as_(make_user(Role.HOST))

    assert as_rest(data_of(ask(somebody, "{ me { id email name role createdAt } }"))["me"]) == rest(
        somebody.get("/api/v1/me")
    )


def test_a_property_that_was_listed_over_one_is_there_over_the_other(api, place):
    somebody = api.as_(make_user(Role.HOST))
    facts = {"title": "Loft", "city": place.city.slug, "sleeps": 2, "nightly": "50.00", "currency": "USD"}
    create = f"mutation A($it: PropertyInput!) {{ createProperty(input: $it) {{ {DETAIL} }} }}"

    made = data_of(ask(somebody, create, {"it": facts | {"amenities": ["wifi"]}}))["createProperty"]

    assert as_rest(made) == rest(api.get(f"/api/v1/properties/{made['id']}"))


def test_a_change_counts_the_version_up_and_an_old_version_is_stale(api, place):
    somebody = api.as_(place.host)
    change = f"""mutation A($id: UUID!, $version: Int!, $it: PropertyChanges!) {{
      updateProperty(id: $id, version: $version, changes: $it) {{ {DETAIL} }} }}"""
    asked = {"id": str(place.public_id), "version": 1, "it": {"nightly": "55.00", "amenities": []}}

    changed = data_of(ask(somebody, change, asked))["updateProperty"]
    stale = ask(somebody, change, asked).json()["errors"][0]["extensions"]["code"]

    assert (changed["version"], changed["nightly"], changed["amenities"]) == (2, "55.00", [])
    assert changed["title"] == place.title
    assert as_rest(changed) == rest(api.get(f"/api/v1/properties/{place.public_id}"))
    assert stale == "stale"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", ""),
        ("title", "x" * 121),
        ("title", "\x00"),
        ("description", "x" * 4001),
        ("sleeps", 0),
        ("sleeps", 51),
        ("nightly", "0.99"),
        ("currency", "XXX"),
        ("city", "atlantis"),
        ("amenities", ["helipad"]),
        ("amenities", ["x"] * 51),
    ],
)
@pytest.mark.parametrize("field", ["create", "change"])
def test_what_a_property_cannot_be(api, place, field, name, value):
    somebody = api.as_(place.host)
    facts = {"title": "Loft", "city": place.city.slug, "sleeps": 2, "nightly": "50.00", "currency": "USD"}
    if field == "create":
        query = "mutation A($it: PropertyInput!) { createProperty(input: $it) { id } }"
        answer = ask(somebody, query, {"it": facts | {name: value}})
    else:
        query = """mutation A($id: UUID!, $it: PropertyChanges!) {
          updateProperty(id: $id, version: 1, changes: $it) { id } }"""
        answer = ask(somebody, query, {"id": str(place.public_id), "it": {name: value}})

    error = answer.json()["errors"][0]["extensions"]
    over_rest = somebody.post("/api/v1/properties", facts | {name: value}).json()
    assert (error["code"], list(error["fields"])) == ("invalid", [name])
    assert (over_rest["code"], list(over_rest["fields"])) == ("invalid", [name])
