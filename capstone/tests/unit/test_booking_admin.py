"""What staff see of bookings, messages and mail, and what they may do."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from staybook.accounts.models import Role
from staybook.booking.models import Booking
from staybook.common.models import OutboxMessage
from staybook.notifications.models import EmailMessage
from tests.factories import make_booking, make_user

pytestmark = pytest.mark.django_db
LISTS = ("booking_booking", "common_outboxmessage", "notifications_emailmessage")


@pytest.fixture
def staff():
    client = Client()
    client.force_login(make_user(Role.ADMIN, is_superuser=True))
    return client


def act(staff, name, action, *rows):
    chosen = {"action": action, "_selected_action": [row.pk for row in rows]}
    return staff.post(reverse(f"admin:{name}_changelist"), chosen, follow=True)


@pytest.fixture
def booking():
    return make_booking()


@pytest.fixture
def stuck():
    return OutboxMessage.objects.create(topic="t", payload={}, attempts=9)


@pytest.fixture
def given_up():
    return EmailMessage.objects.create(dedupe_key="k", to="a@example.com", subject="s", body="b", attempts=10)


@pytest.mark.usefixtures("booking", "stuck", "given_up")
@pytest.mark.parametrize("name", LISTS)
def test_lists_and_rows_are_read_and_nothing_is_written_by_hand(staff, name):
    row = {"booking_booking": Booking, "common_outboxmessage": OutboxMessage}.get(name, EmailMessage).objects.get()

    assert staff.get(reverse(f"admin:{name}_changelist"), {"q": "a"}).status_code == 200
    assert staff.get(reverse(f"admin:{name}_change", args=[row.pk])).status_code == 200
    assert staff.get(reverse(f"admin:{name}_add")).status_code == 403
    assert staff.post(reverse(f"admin:{name}_delete", args=[row.pk])).status_code == 403
    assert staff.post(reverse(f"admin:{name}_change", args=[row.pk]), {}).status_code == 403


def test_staff_cancel_with_a_refund_of_everything(staff, booking):
    over = make_booking(status="completed")

    page = act(staff, "booking_booking", "cancel_with_refund", booking, over).content.decode()

    assert f"{booking.public_id} is cancelled." in page
    assert f"{over.public_id}: This booking is over." in page
    assert OutboxMessage.objects.get().payload == {"booking_id": booking.pk, "refund": "220.00"}


def test_a_message_that_is_stuck_comes_again(staff, stuck):
    act(staff, "common_outboxmessage", "let_it_come_now", stuck)

    stuck.refresh_from_db()
    assert stuck.attempts == 0


@pytest.mark.parametrize(("state", "shown"), [("open", True), ("failing", True), ("done", False), ("", True)])
def test_messages_are_found_by_their_state(staff, stuck, state, shown):
    page = staff.get(reverse("admin:common_outboxmessage_changelist"), {"state": state} if state else {})

    assert (f"/{stuck.pk}/change/" in page.content.decode()) == shown


def test_mail_that_was_given_up_is_tried_again(staff, given_up):
    act(staff, "notifications_emailmessage", "send_again_soon", given_up)

    given_up.refresh_from_db()
    assert given_up.attempts == 0
