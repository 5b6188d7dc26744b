"""Many at one moment, for the same nights: one has them. Each race has its control, which must be seen to fail.

`python -m tests.races.rush` is the whole thing, over HTTP.
"""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, connections, transaction

from staybook.booking import insertion, services
from staybook.booking.models import LIVE, Booking, Status
from staybook.booking.operations import NAME, ForbidOverlap
from staybook.catalog.models import Property
from staybook.common import clock
from staybook.common.errors import Conflict
from staybook.common.idempotency import Asked
from staybook.common.models import OutboxMessage
from tests.factories import SOON, make_booking, make_property, make_user

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS, WAVES = 16, 10
postgres_only = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer, and no row locks")

OVERLAPS = """
SELECT count(*) FROM booking_booking AS a JOIN booking_booking AS b
ON a.property_id = b.property_id AND a.id < b.id AND a.check_in < b.check_out AND b.check_in < a.check_out
WHERE a.status IN ('held', 'confirmed') AND b.status IN ('held', 'confirmed')
"""


def overlaps() -> int:
    with connection.cursor() as cursor:
        cursor.execute(OVERLAPS)
        return int(cursor.fetchone()[0])


@pytest.fixture
def askers(api):
    return [api.as_(make_user()) for _ in range(CLIENTS)]


def wave(together, askers, place, shifts=(0,)):
    """Everybody asks for two nights of ``place``; the statuses and codes of the answers."""
    calls = []
    for number, asker in enumerate(askers):
        check_in = SOON + timedelta(days=shifts[number % len(shifts)])
        stay = {"property": place.public_id, "check_in": check_in, "check_out": check_in + timedelta(2), "guests": 1}
        calls.append(partial(asker.post, "/api/v1/bookings", stay, Idempotency_Key=str(uuid.uuid4())))
    answers = together(calls)
    return Counter((answer.status_code, answer.json().get("code")) for answer in answers)


@pytest.fixture
def without_constraint():
    """Tables without the rule; it comes back, with the tables empty."""
    rule = ForbidOverlap()
    with connection.schema_editor() as editor:
        rule.database_backwards("booking", editor, None, None)
    yield
    OutboxMessage.objects.all().delete()
    Booking.objects.all().delete()
    with connection.schema_editor() as editor:
        rule.database_forwards("booking", editor, None, None)


def test_one_of_sixteen_has_the_nights(together, askers):
    for _ in range(WAVES):
        seen = wave(together, askers, make_property())
        assert seen == {(201, None): 1, (409, "nights_taken"): CLIENTS - 1}
    assert overlaps() == 0
    assert Booking.objects.count() == OutboxMessage.objects.count() == WAVES


def test_stays_that_share_some_nights_do_not_share_them_in_the_end(together, askers):
    for _ in range(WAVES // 2):
        place = make_property()
        seen = wave(together, askers, place, shifts=(0, 1, 2, 3))
        assert set(seen) == {(201, None), (409, "nights_taken")}
        assert 1 <= seen[201, None] == place.bookings.count() <= 2
    assert overlaps() == 0


def test_an_overdue_hold_is_expired_by_one_and_its_nights_had_by_one(together, askers):
    for _ in range(WAVES // 2):
        place = make_property()
        make_booking(place, status=Status.HELD, hold_expires_at=clock.now())
        assert wave(together, askers, place)[201, None] == 1
    assert OutboxMessage.objects.filter(topic="booking.expired").count() == WAVES // 2
    assert overlaps() == 0


@pytest.mark.usefixtures("without_constraint")
def test_control_without_the_constraint_the_same_wave_overlaps(together, askers):
    """Nothing else forbids it: no code looks before it inserts, so none can look too early."""
    seen = wave(together, askers, make_property())

    assert seen == {(201, None): CLIENTS}
    assert overlaps() == CLIENTS * (CLIENTS - 1) // 2


@postgres_only
def test_control_without_the_row_lock_the_constraint_still_judges(together, askers, monkeypatch):
    """What the lock is not for: an insert that gives way (ON CONFLICT) neither overlaps nor deadlocks without it."""
    monkeypatch.setattr(insertion, "_LOCK", "")
    for _ in range(WAVES // 2):
        seen = wave(together, askers, make_property())
        assert seen == {(201, None): 1, (409, "nights_taken"): CLIENTS - 1}
    assert overlaps() == 0


def hold_while_the_host_changes(monkeypatch, **change):
    """A host's change is written and not committed; a guest who saw the old terms holds; the host commits."""
    place, guest = make_property(), make_user()
    priced, written = threading.Event(), threading.Event()
    check = services._check

    def wait(**facts):
        check(**facts)
        priced.set()
        assert written.wait(10)

    monkeypatch.setattr(services, "_check", wait)
    outcome = []

    def hold():
        stay = {"check_in": SOON, "check_out": SOON + timedelta(1), "guests": 1}
        try:
            booking = services.offer(guest=guest, property_id=place.public_id, **stay)
            key = Asked.of(user_id=guest.pk, key="one", told=b"").claim()
            outcome.append(services.take(booking, key=key).total)
        except Conflict as error:
            outcome.append(error.code)
        finally:
            connections.close_all()

    guest_thread = threading.Thread(target=hold)
    guest_thread.start()
    assert priced.wait(10)
    with transaction.atomic():
        Property.objects.filter(pk=place.pk).update(**change)
        written.set()
        guest_thread.join(0.3)  # time enough to overtake us, for one that does not wait
    guest_thread.join(10)
    return outcome


@postgres_only
def test_the_row_lock_keeps_the_price_until_the_booking_is_in(monkeypatch):
    assert hold_while_the_host_changes(monkeypatch, nightly=999) == ["listing_changed"]


@postgres_only
def test_a_change_of_no_term_is_waited_for_and_no_more(monkeypatch):
    """PostgreSQL looks at the row again, once it has its lock, and at nothing else of the statement."""
    assert hold_while_the_host_changes(monkeypatch, title="Another") == [120]
    assert Booking.objects.count() == OutboxMessage.objects.count() == 1


@postgres_only
def test_control_without_the_row_lock_a_booking_has_a_price_that_is_over(monkeypatch):
    monkeypatch.setattr(insertion, "_LOCK", "")

    assert hold_while_the_host_changes(monkeypatch, nightly=999) == [120]


def test_payment_cancellation_and_clock_at_once_leave_one_story(together):
    for _ in range(WAVES // 2):
        booking = make_booking(status=Status.HELD, hold_expires_at=clock.now())
        cancel = partial(services.cancel, actor=booking.guest, booking_id=booking.public_id)

        paid, cancelled, _ = together(
            [partial(services.confirm, booking_id=booking.pk), cancel, services.expire_overdue]
        )

        end = Booking.objects.get(pk=booking.pk).status
        topics = Counter(OutboxMessage.objects.filter(payload__booking_id=booking.pk).values_list("topic", flat=True))
        assert max(topics.values()) == 1
        assert paid == ("booking.confirmed" in topics)
        assert (end == "cancelled") == (not isinstance(cancelled, Exception)) == ("booking.cancelled" in topics)
        if end != "cancelled":
            assert isinstance(cancelled, Conflict)
            assert end == "confirmed" or not paid


def test_sixteen_cancellations_are_one(together):
    booking = make_booking()

    answers = together([partial(services.cancel, actor=booking.guest, booking_id=booking.public_id)] * CLIENTS)

    assert {answer.status for answer in answers} == {"cancelled"}
    assert len({answer.cancelled_at for answer in answers}) == 1
    assert OutboxMessage.objects.get().topic == "booking.cancelled"


def test_a_late_payment_and_a_new_guest_do_not_both_win(together):
    for _ in range(WAVES // 2):
        old = make_booking(status=Status.EXPIRED)
        stay = {"property_id": old.property.public_id, "check_in": SOON, "check_out": SOON + timedelta(2), "guests": 1}

        paid, new = together(
            [partial(services.confirm, booking_id=old.pk), partial(services.hold, guest=make_user(), **stay)]
        )

        assert paid == isinstance(new, Conflict), (paid, new)
        assert old.property.bookings.filter(status__in=LIVE).count() == 1
    assert overlaps() == 0


@postgres_only
def test_the_rule_is_back_after_the_control():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_constraint WHERE conname = %s", [NAME])
        assert cursor.fetchone() == (1,)
