"""Every route of the schema, as five actors: ``permissions.toml`` says who gets what.

Each request is right in everything else, so that the status tells of the caller alone.
"""

from __future__ import annotations

import io
import re
import tomllib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator
from PIL import Image

from staybook.accounts import services
from staybook.accounts.models import Role, User
from staybook.api.etags import of_version
from staybook.booking.models import Booking, Status
from staybook.catalog.models import Property
from staybook.common import clock
from staybook.payments.models import Payment, PaymentStatus
from tests.factories import PASSWORD, SOON, make_booking, make_property, make_user

ACTORS = ("anonymous", "guest", "host", "other_host", "admin")
TABLE = tomllib.loads((Path(__file__).parent / "permissions.toml").read_text())


def routes() -> set[str]:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return {f"{method.upper()} {path}" for path, item in schema["paths"].items() for method in item}


@dataclass
class World:
    """One property, its host, a guest with a booking in each state that a route wants, and others."""

    guest: User
    host: User
    other_host: User
    admin: User
    place: Property
    held: Booking
    paid: Booking
    stayed: Booking
    pending: Payment
    succeeded: Payment
    refresh: str

    anonymous = None


@pytest.fixture
def world(settings, tmp_path) -> World:
    settings.MEDIA_ROOT = tmp_path
    people = {
        "guest": make_user(password=PASSWORD),
        "host": make_user(Role.HOST),
        "other_host": make_user(Role.HOST),
        "admin": make_user(Role.ADMIN),
    }
    guest, place = people["guest"], make_property(people["host"])
    held = make_booking(place, guest, status=Status.HELD)
    paid = make_booking(place, guest, check_in=SOON + timedelta(days=10))
    stayed = make_booking(place, guest, check_in=clock.now().date() - timedelta(days=9), status=Status.COMPLETED)
    return World(
        **people,
        place=place,
        held=held,
        paid=paid,
        stayed=stayed,
        pending=pay(held, PaymentStatus.PENDING),
        succeeded=pay(paid, PaymentStatus.SUCCEEDED),
        refresh=services.log_in(email=guest.email, password=PASSWORD).refresh,
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


def picture() -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG")
    file.name = "room.png"
    file.seek(0)
    return file


def body_for(route: str, world: World) -> Any:
    """A body that is right in everything."""
    bodies = {
        "POST /api/v1/auth/register": {"email": "new@example.com", "password": PASSWORD, "name": "New"},
        "POST /api/v1/auth/login": {"email": world.guest.email, "password": PASSWORD},
        "POST /api/v1/auth/refresh": {"refresh": world.refresh},
        "POST /api/v1/auth/logout": {"refresh": world.refresh},
        "PATCH /api/v1/me": {"name": "Other"},
        "POST /api/v1/properties": {
            "title": "Loft",
            "city": world.place.city.slug,
            "sleeps": 2,
            "nightly": "50.00",
            "currency": "USD",
        },
        "PATCH /api/v1/properties/{property_id}": {"title": "Attic"},
        "PUT /api/v1/properties/{property_id}/photos": {"photos": []},
        "POST /api/v1/bookings": {
            "property": str(world.place.public_id),
            "check_in": str(SOON + timedelta(days=20)),
            "check_out": str(SOON + timedelta(days=22)),
            "guests": 1,
        },
        "POST /api/v1/bookings/{booking_id}/review": {"rating": 5},
        "POST /api/v1/bookings/{booking_id}/payments": {"provider": "stripe"},
        "POST /api/v1/payments/{payment_id}/refunds": {"amount": "10.00", "reason": "goodwill"},
        "POST /api/v1/webhooks/{provider}": {"id": "evt_1"},
    }
    return bodies.get(route)


def path_for(route: str, world: World) -> str:
    booking = {"review": world.stayed, "payments": world.held, "cancel": world.held}.get(route.rpartition("/")[2])
    names = {
        "property_id": world.place.public_id,
        "booking_id": (booking or world.paid).public_id,
        "payment_id": world.succeeded.public_id,
        "provider": "stripe",
    }
    if "{photo_id}" in route:
        names["photo_id"] = world.place.photos.create(position=0, image="photos/none.jpg").pk
    if route == "PUT /api/v1/properties/{property_id}/photos":
        world.place.photos.all().delete()
    return route.partition(" ")[2].format(**names)


def ask(api, route: str, world: World) -> Any:
    method, path = route.split(" ")[0].lower(), path_for(route, world)
    headers = {"Idempotency_Key": "matrix-1", "If_Match": of_version(world.place.version)}
    if route == "POST /api/v1/properties/{property_id}/photos":
        return api.upload(path, {"image": picture()}, **headers)
    if method == "get":
        return api.get(path, None, **headers)
    return getattr(api, method)(path, body_for(route, world), **headers)


def test_every_route_has_a_row_and_every_row_a_route():
    assert sorted(routes()) == sorted(TABLE)


def test_no_route_of_the_api_hides_from_the_schema():
    names = {f"/{pattern}" for pattern in plain(get_resolver(), "") if pattern.startswith("api/v1/")}

    assert names == {route.partition(" ")[2] for route in routes()}


def plain(resolver: URLResolver, prefix: str) -> list[str]:
    """Every route below ``resolver``, written as OpenAPI writes it."""
    found = []
    for entry in resolver.url_patterns:
        here = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            found.append(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", here))
        else:
            found += plain(entry, here)
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("route", sorted(TABLE))
@pytest.mark.parametrize("number", range(5), ids=ACTORS)
def test_each_actor_gets_what_the_table_says(api, world, route, number):
    answer = ask(api.as_(getattr(world, ACTORS[number])), route, world)

    assert answer.status_code == TABLE[route][number], answer.content.decode()
    if answer.status_code >= 400:
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] in (
            "unauthenticated",
            "forbidden",
            "not_found",
            "own_property",
            "signature_invalid",
        )


@pytest.mark.django_db
@pytest.mark.parametrize("route", sorted(TABLE))
def test_nobody_is_shown_the_address_of_another(api, world, route):
    for number, actor in enumerate(ACTORS):
        user = getattr(world, actor)
        if TABLE[route][number] >= 400:
            continue
        text = ask(api.as_(user), route, world).content.decode()
        others = {world.guest, world.host, world.other_host, world.admin} - {user}
        assert not [other.email for other in others if other.email in text]
        break


@pytest.mark.django_db
@pytest.mark.parametrize("route", sorted(TABLE))
def test_a_token_of_a_closed_account_opens_nothing(api, world, route):
    client = api.as_(world.admin)
    User.objects.filter(pk=world.admin.pk).update(is_active=False)
    open_to_all = TABLE[route][0]

    assert ask(client, route, world).status_code in {401, open_to_all}
