"""What staff does in the admin: pages open, and what is changed there is announced."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from staybook.accounts.models import Role
from staybook.booking.models import Status
from staybook.catalog.models import Amenity, City, Photo, Property
from staybook.common.models import OutboxMessage
from staybook.reviews import services
from staybook.reviews.models import Review
from tests.factories import make_booking, make_city, make_property, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    client = Client()
    client.force_login(make_user(Role.ADMIN, is_superuser=True))
    return client


@pytest.fixture
def place():
    place = make_property()
    place.amenities.add(Amenity.objects.create(slug="wifi", name="Wi-Fi"))
    Photo.objects.create(property=place, image="a.jpg")
    return place


def review(place: Property, rating: int = 4) -> Review:
    booking = make_booking(place, status=Status.COMPLETED)
    made = Review.objects.create(booking=booking, property=place, guest=booking.guest, rating=rating)
    services.count_up(place, rating_sum=rating, rating_count=1)
    return made


def url(model, action: str, *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{action}", args=args)


@pytest.mark.parametrize("model", [City, Amenity, Property, Review])
def test_lists_and_forms_open(staff, place, model):
    made = review(place)
    key = made.pk if model is Review else model.objects.get().pk

    assert staff.get(url(model, "changelist"), {"q": "a"}).status_code == 200
    assert staff.get(url(model, "change", key)).status_code == 200
    assert model in admin.site._registry


@pytest.mark.parametrize(("model", "name"), [(City, "Nairobi town"), (Amenity, "Wireless")])
def test_what_is_renamed_is_announced_for_all_that_show_it(staff, place, model, name):
    row = model.objects.get()
    facts = {field: getattr(row, field) for field in ("slug", "country", "timezone") if hasattr(row, field)}

    assert staff.post(url(model, "change", row.pk), facts | {"name": name}).status_code == 302

    assert Property.objects.get().version == 2
    assert OutboxMessage.objects.get().payload["property_id"] == place.pk


def test_properties_are_taken_off_the_list(staff, place):
    staff.post(url(Property, "changelist"), {"action": "withdraw", "_selected_action": [place.pk]})

    assert Property.objects.filter(is_listed=False, version=2).exists()


def test_a_property_that_is_changed_is_announced(staff, place):
    facts = {name: getattr(place, name) for name in ("title", "sleeps", "nightly", "cleaning_fee", "currency")}
    facts |= {"host": place.host_id, "city": place.city_id, "cancellation_policy": "strict", "is_listed": "on"}
    facts |= {"photos-TOTAL_FORMS": 0, "photos-INITIAL_FORMS": 0, "amenities": []}

    assert staff.post(url(Property, "change", place.pk), facts).status_code == 302

    assert Property.objects.filter(version=2, cancellation_policy="strict").exists()
    assert OutboxMessage.objects.filter(topic="property.changed").exists()


def test_a_review_that_is_taken_away_counts_no_more(staff, place):
    made = review(place)

    staff.post(url(Review, "delete", made.pk), {"post": "yes"})
    assert Property.objects.values_list("rating_sum", "rating_count").get() == (0, 0)

    made = review(place)
    staff.post(url(Review, "changelist"), {"action": "delete_selected", "_selected_action": [made.pk], "post": "yes"})
    assert (Review.objects.count(), Property.objects.get().rating_count) == (0, 0)


def test_nobody_writes_a_review_in_the_admin(staff):
    assert staff.get(url(Review, "add")).status_code == 403


def test_a_city_of_elsewhere_is_left_alone(staff, place):
    other = make_property(city=make_city(slug="lagos", name="Lagos"))

    city = place.city
    facts = {"slug": city.slug, "country": city.country, "timezone": city.timezone, "name": "Nairobi town"}
    staff.post(url(City, "change", city.pk), facts)

    assert Property.objects.get(pk=other.pk).version == 1
