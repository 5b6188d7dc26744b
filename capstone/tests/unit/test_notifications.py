"""Mail: one for each event, sent once, later if it must be."""

from __future__ import annotations

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction

from staybook.booking import services as booking_services
from staybook.common import clock, outbox
from staybook.common.models import OutboxMessage
from staybook.notifications import services
from staybook.notifications.models import GIVEN_UP, EmailMessage
from staybook.payments.models import Payment, Refund
from tests.factories import SOON, make_booking, make_property, make_user

pytestmark = pytest.mark.django_db


def write(key="k", to="guest@example.com", subject="Hello", body="Come in."):
    services.write(dedupe_key=key, to=to, subject=subject, body=body)


@pytest.fixture
def trouble(monkeypatch):
    """Addresses whose mail fails, and with what; ``None`` is everybody's."""
    errors = {}

    def send_messages(self, messages):
        error = errors.get(messages[0].to[0]) or errors.get(None)
        if error:
            raise error
        return send(self, messages)

    send = EmailBackend.send_messages
    monkeypatch.setattr(EmailBackend, "send_messages", send_messages)
    return errors


def test_one_event_is_one_mail():
    for _ in range(2):
        write()

    assert [services.send_waiting(), services.send_waiting()] == [1, 0]
    assert [(each.to, each.subject, each.body) for each in mail.outbox] == [
        (["guest@example.com"], "Hello", "Come in.")
    ]
    assert EmailMessage.objects.get().sent_at is not None


def test_both_copies_of_a_mail_have_one_name():
    """Killed between the server's yes and our mark, it is sent again: the receiver knows it by its Message-ID."""
    write("a")
    write("b")
    services.send_waiting()
    EmailMessage.objects.update(sent_at=None)
    services.send_waiting()

    names = [each.extra_headers["Message-ID"] for each in mail.outbox]
    assert names[:2] == names[2:]
    assert len(set(names)) == 2
    assert names[0].endswith("@staybook.example>")


def test_a_title_with_line_ends_is_a_subject_of_one_line():
    write(subject="Loft\r\nBcc: everybody@example.com " + "x" * 200)

    services.send_waiting()

    assert "\n" not in mail.outbox[0].subject
    assert len(mail.outbox[0].subject) == 150


def test_a_refused_mail_keeps_no_other_back_and_has_its_turn_later(trouble):
    trouble["gone@example.com"] = smtplib.SMTPRecipientsRefused({"gone@example.com": (550, b"no such user")})
    write("a", to="gone@example.com")
    write("b")

    assert services.send_waiting() == 1
    refused = EmailMessage.objects.get(sent_at=None)
    assert refused.attempts == 1
    assert timedelta(seconds=25) < refused.due_at - clock.now() <= timedelta(seconds=30)
    assert services.send_waiting() == 0


def test_a_mail_is_given_up_in_the_end(trouble, caplog):
    trouble[None] = smtplib.SMTPDataError(554, b"no")
    write()
    for _ in range(GIVEN_UP + 1):
        EmailMessage.objects.update(due_at=clock.now())
        services.send_waiting()
    trouble.clear()
    EmailMessage.objects.update(due_at=clock.now())

    assert services.send_waiting() == 0
    assert EmailMessage.objects.get().attempts == GIVEN_UP
    assert "mail refused" in caplog.text


@pytest.mark.parametrize("error", [ConnectionRefusedError(), smtplib.SMTPServerDisconnected(), TimeoutError()])
def test_a_server_that_is_away_costs_no_turn(trouble, error):
    trouble[None] = error
    write("a")
    write("b")

    assert services.send_waiting() == 0
    trouble.clear()
    assert services.send_waiting() == 2
    assert set(EmailMessage.objects.values_list("attempts", flat=True)) == {0}


def test_mail_waits_for_its_transaction():
    with transaction.atomic():
        write()
        transaction.set_rollback(True)

    assert services.send_waiting() == 0


def relay_twice():
    """Every message comes twice, as after a crash."""
    for message in OutboxMessage.objects.order_by("id"):
        for _ in range(2):
            outbox.deliver_here(message)


def keys():
    return list(EmailMessage.objects.order_by("id").values_list("dedupe_key", "to"))


def test_each_event_of_a_booking_tells_its_guest_once():
    guest, place = make_user(), make_property()
    booking = booking_services.hold(
        guest=guest, property_id=place.public_id, check_in=SOON, check_out=SOON + timedelta(2), guests=1
    )
    relay_twice()
    booking_services.confirm(booking_id=booking.pk)
    booking_services.cancel(actor=guest, booking_id=booking.public_id)
    relay_twice()

    events = ("held", "confirmed", "cancelled")
    assert keys() == [(f"booking.{event}:{booking.public_id}", guest.email) for event in events]
    held, _, cancelled = EmailMessage.objects.order_by("id")
    assert f"{place.title}, 2030-06-03 to 2030-06-05" in held.subject
    assert "Pay 220.00 USD by " in held.body
    assert "You get 220.00 USD back." in cancelled.body


def test_a_cancelled_hold_pays_nothing_back():
    booking = make_booking(status="held", hold_expires_at=clock.now() + timedelta(minutes=1))
    booking_services.cancel(actor=booking.guest, booking_id=booking.public_id)
    relay_twice()

    assert "Nothing is to be paid back." in EmailMessage.objects.get().body


def test_who_has_paid_before_the_mail_of_the_hold_is_not_asked_to_pay():
    outbox.publish("booking.held", booking_id=make_booking().pk)
    relay_twice()

    assert "not held any more" in EmailMessage.objects.get().body


def test_a_refund_tells_its_guest_once():
    booking = make_booking()
    payment = Payment.objects.create(
        booking=booking, provider="stripe", reference="p", amount=220, currency="USD", status="succeeded"
    )
    refund = Refund.objects.create(payment=payment, reference="r", amount=20, reason="cancelled")
    outbox.publish("payment.refunded", payment_id=payment.pk, refund_id=refund.pk)
    relay_twice()

    assert keys() == [("payment.refunded:r", booking.guest.email)]
