"""Every field of Query and Mutation, as five actors: the table says who gets what.

Each request is right in everything else, so that the answer tells of the caller alone. A field without a row fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from staybook.accounts.models import Role, User
from staybook.booking.models import Booking, Status
from staybook.catalog.models import Property
from staybook.common import clock
from staybook.graphql.schema import schema
from staybook.payments.models import Payment, PaymentStatus
from tests.factories import SOON, make_booking, make_property, make_user
from tests.graphql_client import HOLD, ask, errors_of

pytestmark = pytest.mark.django_db
ACTORS = ("anonymous", "guest", "host", "other_host", "admin")
NO, NONE = "unauthenticated", "not_found"
TABLE = {
    #                            anonymous guest host other_host admin
    "Query.me": (NO, "", "", "", ""),
    "Query.search": ("", "", "", "", ""),
    "Query.property": ("", "", "", "", ""),
    "Query.ownProperties": (NO, "forbidden", "", "", ""),
    "Query.cities": ("", "", "", "", ""),
    "Query.amenities": ("", "", "", "", ""),
    "Query.reviews": ("", "", "", "", ""),
    "Query.booking": (NO, "", "", NONE, ""),
    "Query.bookings": (NO, "", "", "", ""),
    "Query.payment": (NO, "", NONE, NONE, ""),
    "Mutation.rename": (NO, "", "", "", ""),
    "Mutation.hold": (NO, "", "own_property", "", ""),
    "Mutation.cancelBooking": (NO, "", "", NONE, ""),
    "Mutation.startPayment": (NO, "", NONE, NONE, NONE),
    "Mutation.checkPayment": (NO, "", NONE, NONE, ""),
    "Mutation.refundPayment": (NO, "forbidden", "forbidden", "forbidden", ""),
    "Mutation.writeReview": (NO, "", NONE, NONE, NONE),
    "Mutation.createProperty": (NO, "forbidden", "", "", ""),
    "Mutation.updateProperty": (NO, "forbidden", "", "forbidden", ""),
}
"""The code of the refusal, or "" for an answer. guest: of the bookings; host: of the property; other_host: nobody to
do with either; admin: staff."""
BOOKING = """id guest { name } payments { id refunds { amount } } review { text }
  property { host { name } reviews { guest { name } } }"""


@dataclass
class World:
    """One property, its host, a guest with a booking in each state that a field wants, and others."""

    guest: User
    host: User
    other_host: User
    admin: User
    place: Property
    withdrawn: Property
    held: Booking
    stayed: Booking
    paid: Payment

    anonymous = None


@pytest.fixture
def world() -> World:
    people = {"guest": make_user(), "host": make_user(Role.HOST), "other_host": make_user(Role.HOST)}
    guest, place = people["guest"], make_property(people["host"])
    held = make_booking(place, guest, status=Status.HELD)
    stayed = make_booking(place, guest, check_in=clock.now().date() - timedelta(days=9), status=Status.COMPLETED)
    pay(held, PaymentStatus.PENDING)
    return World(
        **people,
        admin=make_user(Role.ADMIN),
        place=place,
        withdrawn=make_property(people["host"], is_listed=False),
        held=held,
        stayed=stayed,
        paid=pay(stayed, PaymentStatus.SUCCEEDED),
    )


def pay(booking: Booking, status: str) -> Payment:
    return Payment.objects.create(
        booking=booking,
        provider="stripe",
        reference=f"reference-{booking.pk}",
        amount=booking.total,
        currency=booking.currency,
        status=status,
        captured=booking.total if status == PaymentStatus.SUCCEEDED else 0,
        captured_currency=booking.currency,
        checkout_url="https://pay.example/1",
    )


def operation(field: str, world: World) -> tuple[str, dict[str, Any]]:
    """A request for ``field`` that is right in everything, and asks for all that it links to."""
    held = {"id": str(world.held.public_id)}
    place = {"id": str(world.place.public_id)}
    facts = {"title": "Loft", "city": world.place.city.slug, "sleeps": 2, "nightly": "50.00", "currency": "USD"}
    wish = {"propertyId": place["id"], "checkIn": str(SOON + timedelta(days=20))}
    wish |= {"checkOut": str(SOON + timedelta(days=22)), "guests": 1}
    pay = "startPayment(bookingId: $id, provider: STRIPE, idempotencyKey: $key) { checkoutUrl }"
    return {
        "Query.me": ("{ me { id email } }", {}),
        "Query.search": ("{ search { results { id host { name } } } }", {}),
        "Query.property": ("query A($id: UUID!) { property(id: $id) { id host { name } } }", place),
        "Query.ownProperties": ("{ ownProperties { results { id host { name } takenNights } } }", {}),
        "Query.cities": ("{ cities { name timezone } }", {}),
        "Query.amenities": ("{ amenities { name } }", {}),
        "Query.reviews": ("query A($id: UUID!) { reviews(propertyId: $id) { results { guest { name } } } }", place),
        "Query.booking": (f"query A($id: UUID!) {{ booking(id: $id) {{ {BOOKING} }} }}", held),
        "Query.bookings": (f"{{ bookings {{ results {{ {BOOKING} }} }} }}", {}),
        "Query.payment": ("query A($id: UUID!) { payment(id: $id) { status } }", {"id": str(world.paid.public_id)}),
        "Mutation.checkPayment": (
            "mutation A($id: UUID!) { checkPayment(id: $id) { status } }",
            {"id": str(world.paid.public_id)},
        ),
        "Mutation.rename": ('mutation { rename(name: "Other") { name email } }', {}),
        "Mutation.refundPayment": (
            'mutation A($id: UUID!) { refundPayment(id: $id, reason: "late", idempotencyKey: "matrix") { amount } }',
            {"id": str(world.paid.public_id)},
        ),
        "Mutation.hold": (HOLD, {"input": wish, "key": "matrix"}),
        "Mutation.cancelBooking": (f"mutation A($id: UUID!) {{ cancelBooking(id: $id) {{ {BOOKING} }} }}", held),
        "Mutation.startPayment": (f"mutation A($id: UUID!, $key: String!) {{ {pay} }}", held | {"key": "matrix"}),
        "Mutation.writeReview": (
            "mutation A($id: UUID!) { writeReview(bookingId: $id, rating: 5) { rating guest { name } } }",
            {"id": str(world.stayed.public_id)},
        ),
        "Mutation.createProperty": (
            "mutation A($it: PropertyInput!) { createProperty(input: $it) { id } }",
            {"it": facts},
        ),
        "Mutation.updateProperty": (
            'mutation A($id: UUID!) { updateProperty(id: $id, version: 1, changes: {title: "Attic"}) { title } }',
            place,
        ),
    }[field]


def test_every_field_has_a_row_and_every_row_a_field():
    roots = (schema._schema.query_type, schema._schema.mutation_type)

    assert {f"{root.name}.{field}" for root in roots for field in root.fields} == set(TABLE)
    assert schema._schema.subscription_type is None


@pytest.mark.parametrize("field", TABLE)
@pytest.mark.parametrize("number", range(5), ids=ACTORS)
def test_each_actor_gets_what_the_table_says_and_no_address_of_another(api, world, field, number):
    user = getattr(world, ACTORS[number])

    answer = ask(api.as_(user), *operation(field, world))

    assert errors_of(answer) == [code for code in (TABLE[field][number],) if code], answer.content
    (data,) = answer.json()["data"].values()
    assert (data is None) == bool(TABLE[field][number])
    text = answer.content.decode()
    assert text.count("@") == (text.count(user.email) if user else 0)


def test_one_type_has_an_address_and_none_a_password():
    fields = {
        (each.name, field)
        for each in schema._schema.type_map.values()
        if not each.name.startswith("__")
        for field in getattr(each, "fields", {})
    }

    assert {name for name, field in fields if "mail" in field.lower()} == {"Me"}
    assert not [field for _, field in fields if "password" in field.lower() or "token" in field.lower()]


@pytest.mark.parametrize(("actor", "sees"), [("guest", 1), ("host", 0), ("admin", 1)])
def test_payments_are_for_the_guest_and_for_staff(api, world, actor, sees):
    answer = ask(api.as_(getattr(world, actor)), *operation("Query.booking", world))

    assert len(answer.json()["data"]["booking"]["payments"]) == sees


@pytest.mark.parametrize(("actor", "code"), list(zip(ACTORS, (NONE, NONE, "", NONE, ""), strict=True)))
def test_a_withdrawn_property_is_there_for_its_host_and_for_staff(api, world, actor, code):
    query = "query A($id: UUID!) { property(id: $id) { isListed } }"

    answer = ask(api.as_(getattr(world, actor)), query, {"id": str(world.withdrawn.public_id)})

    assert errors_of(answer) == [each for each in (code,) if each]


@pytest.mark.parametrize(("actor", "guest_side", "host_side"), [("guest", 2, 0), ("host", 0, 2), ("other_host", 0, 0)])
def test_bookings_are_those_of_the_side_that_is_asked_for(api, world, actor, guest_side, host_side):
    query = "{ mine: bookings { results { id } } hosted: bookings(as: HOST) { results { id } } }"

    data = ask(api.as_(getattr(world, actor)), query).json()["data"]

    assert (len(data["mine"]["results"]), len(data["hosted"]["results"])) == (guest_side, host_side)
