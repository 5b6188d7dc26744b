"""Random lives of one hold: paid, declined, left, lost and cancelled, with faults at the providers in between.

What is true at the end is judged by fakegateway's own ledger, and by what the machine itself did; never by our tables
alone. A rule that does not fit the moment does nothing, so that a schedule means the same every time.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import connection, connections
from django.db.models import F
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from staybook.accounts.models import Role
from staybook.booking import services as booking_services
from staybook.booking.models import LIVE, Booking, Status
from staybook.common import clock, outbox
from staybook.common.errors import Conflict, GatewayFailed, StaybookError
from staybook.common.models import ConsumedMessage, OutboxMessage
from staybook.notifications.models import EmailMessage
from staybook.payments import refunds, services
from staybook.payments.models import OPEN, Payment, PaymentStatus, RefundStatus, WebhookEvent
from tests.factories import SOON, make_property, make_user

if TYPE_CHECKING:
    from tests.fakegateway.running import Fake

PROVIDERS = st.sampled_from(["chapa", "stripe"])
WHICH = st.integers(0, 2)
CHOICES = ["pay", "pay", "pay", "decline", "abandon"]
CALL_FAULTS = ["error_before", "error_after", "timeout", "timeout_after"]
FAULTS = st.one_of(
    st.tuples(st.sampled_from(CALL_FAULTS), st.sampled_from(["initialize", "pay", "verify", "refund", "close"])),
    st.tuples(st.sampled_from(["wrong_amount", "wrong_currency"]), st.just("pay")),
    st.tuples(
        st.sampled_from(["lost", "duplicate", "out_of_order", "late", "bad_signature", "stale"]), st.just("webhook")
    ),
)
ROUNDS = 12
PEOPLE = 6


def relay_all() -> int:
    """Let the outbox be empty, however often a message has failed; return how many messages went."""
    handed = 0
    while True:
        OutboxMessage.objects.filter(published_at=None).update(due_at=clock.now() - timedelta(seconds=1))
        now = outbox.relay_once(outbox.deliver_here)
        handed += now
        if not now:
            return handed


class Lives(RuleBasedStateMachine):
    """One property, one guest's hold, and everything that can happen to its money."""

    fake: Fake

    @initialize(provider=PROVIDERS, faults=st.lists(FAULTS, max_size=2), first=st.sampled_from([*CHOICES, None]))
    def begin(self, provider: str, faults: list[tuple[str, str]], first: str | None) -> None:
        """A hold, a payment, and perhaps what the guest does on its page."""
        self.fake.http.post("/control/reset")
        for model in (OutboxMessage, ConsumedMessage, WebhookEvent, EmailMessage):
            model.objects.all().delete()
        self.place = make_property(currency="USD")
        self.guest, self.rival = make_user(), make_user()
        self.staff = make_user(Role.ADMIN)
        self.booking = self.hold_for(self.guest)
        self.given_by_staff = self.given_by_policy = Decimal(0)
        for fault in faults:
            self.arm(fault)
        self.start(provider)
        if first:
            self.choose(0, first)

    def hold_for(self, guest) -> Booking:
        facts = {"check_in": SOON, "check_out": SOON + timedelta(days=2), "guests": 1}
        return booking_services.hold(guest=guest, property_id=self.place.public_id, **facts)

    def payments(self) -> list[Payment]:
        return list(Payment.objects.filter(booking__property=self.place).order_by("pk"))

    def payment(self, which: int) -> Payment | None:
        found = self.payments()
        return found[which % len(found)] if found else None

    @rule(provider=PROVIDERS)
    def start(self, provider: str) -> None:
        try:
            services.start(guest=self.guest, booking_id=self.booking.public_id, provider=provider)
        except (Conflict, GatewayFailed):
            pass

    @rule(which=WHICH, choice=st.sampled_from(CHOICES))
    def choose(self, which: int, choice: str) -> None:
        payment = self.payment(which)
        if payment and payment.checkout_url:
            self.fake.choose(payment.checkout_url, choice)

    @rule(fault=FAULTS)
    def arm(self, fault: tuple[str, str]) -> None:
        name, on = fault
        self.fake.arm(name, on)

    @rule()
    def webhooks(self) -> None:
        self.fake.flush()

    @rule()
    def relay(self) -> None:
        outbox.relay_once(outbox.deliver_here)

    @rule(which=WHICH)
    def come_back(self, which: int) -> None:
        payment = self.payment(which)
        if payment:
            try:
                services.settle(payment_id=payment.pk)
            except GatewayFailed:
                pass

    @rule()
    def reconcile(self) -> None:
        self.age(timedelta(minutes=3))
        services.reconcile_once()

    @rule()
    def give_refunds(self) -> None:
        services.refund_due_once()

    @rule()
    def expire(self) -> None:
        past = clock.now() - timedelta(seconds=1)
        Booking.objects.filter(pk=self.booking.pk, status=Status.HELD).update(hold_expires_at=past)

    @rule()
    def tidy_holds(self) -> None:
        booking_services.expire_overdue()

    @rule()
    def rival_takes_the_nights(self) -> None:
        try:
            self.hold_for(self.rival)
        except Conflict:
            pass

    @rule()
    def rival_goes_away(self) -> None:
        Booking.objects.filter(guest=self.rival, status=Status.HELD).update(status=Status.EXPIRED, hold_expires_at=None)

    @rule(by_guest=st.booleans())
    def cancel(self, by_guest: bool) -> None:
        actor = self.guest if by_guest else self.staff
        before = self.messages("booking.cancelled", self.booking.pk)
        try:
            booking_services.cancel(actor=actor, booking_id=self.booking.public_id)
        except Conflict:
            return
        for message in self.messages("booking.cancelled", self.booking.pk)[len(before) :]:
            self.given_by_policy += Decimal(message.payload["refund"])

    @rule(which=WHICH, part=st.sampled_from([None, Decimal("1.00"), Decimal("60.50"), Decimal("219.99")]))
    def staff_refunds(self, which: int, part: Decimal | None) -> None:
        payment = self.payment(which)
        if payment:
            try:
                self.given_by_staff += refunds.ask(payment_id=payment.public_id, amount=part, reason=f"{part}").amount
            except Conflict:
                pass

    @rule(which=WHICH)
    def all_at_once(self, which: int) -> None:
        """The webhook, the guest who comes back, the clock and the refunds, at one moment."""
        payment = self.payment(which)
        self.age(timedelta(minutes=3))
        calls = [self.fake.flush, services.reconcile_once, services.refund_due_once, relay_all]
        if payment:
            calls += [lambda: services.settle(payment_id=payment.pk)] * 2
        at_once(calls)

    def teardown(self) -> None:
        if not hasattr(self, "booking"):
            return
        self.fake.disarm()
        self.come_to_an_end()
        self.check_money()
        self.check_booking()
        self.check_messages()

    def age(self, by: timedelta) -> None:
        mine = Payment.objects.filter(booking__property=self.place)
        mine.update(created_at=F("created_at") - by)
        mine.exclude(checked_at=None).update(checked_at=F("checked_at") - by)

    def come_to_an_end(self) -> None:
        for _ in range(ROUNDS):
            self.age(timedelta(hours=25))
            moved = [self.fake.flush(), relay_all(), services.reconcile_once(), services.refund_due_once()]
            if not any(moved):
                return
        raise AssertionError("it never comes to an end")

    def check_money(self) -> None:
        """Captured is confirmed and refunded, by the providers' ledger."""
        kept = Decimal(0)
        for payment in self.payments():
            assert payment.status not in (*OPEN, PaymentStatus.REFUND_DUE), payment.status
            ledger = self.fake.ledger(payment.reference)
            for order in ledger["orders"]:
                left = Decimal(order["captured"] - order["refunded"]) / 100
                if payment.status not in (PaymentStatus.SUCCEEDED, PaymentStatus.PARTLY_REFUNDED):
                    assert left == 0, (payment.status, order)
                kept += left
                ours = payment.refunds.values_list("reference", "amount", "status")
                assert {key: (Decimal(cents) / 100, RefundStatus.DONE) for key, cents in order["refunds"].items()} == {
                    key: (amount, status) for key, amount, status in ours
                }
                assert Decimal(order["captured"]) / 100 == payment.captured
        expected = Decimal(0)
        if self.messages("booking.confirmed", self.booking.pk):
            expected = max(Decimal(0), self.booking.total - self.given_by_staff - self.given_by_policy)
        assert kept == expected, f"{kept} was kept, {expected} was earned"

    def check_booking(self) -> None:
        self.booking.refresh_from_db()
        assert self.booking.status != Status.HELD or not self.messages("payment.succeeded")
        assert len(self.messages("booking.confirmed", self.booking.pk)) <= 1, "confirmed twice"
        assert len(self.messages("payment.succeeded")) <= 1, "paid twice"
        assert Booking.objects.filter(property=self.place, status__in=LIVE).count() <= 1
        lost = Payment.objects.filter(booking=self.booking, refunds__reason__in=["hold_lost", "wrong_amount"])
        for payment in lost:
            assert payment.refunds.filter(status=RefundStatus.DONE).count() == 1, "refunded more than once"

    def check_messages(self) -> None:
        """Every event that was taken is kept once, and was handled."""
        assert not OutboxMessage.objects.filter(published_at=None).exists()
        assert not WebhookEvent.objects.filter(handled_at=None).exists()
        taken = [one for one in self.fake.http.get("/control/webhooks").json() if 200 in one["statuses"]]
        assert WebhookEvent.objects.count() == len(taken), "an event was kept more than once"
        for one in taken:
            assert one["fault"] != "bad_signature", one
            assert (one["fault"], one["provider"]) != ("stale", "stripe"), one
        mails = EmailMessage.objects.filter(dedupe_key=f"booking.confirmed:{self.booking.public_id}").count()
        assert mails == len(self.messages("booking.confirmed", self.booking.pk)), "one mail for one confirmation"

    def messages(self, topic: str, booking: int | None = None) -> list[OutboxMessage]:
        found = OutboxMessage.objects.filter(topic=topic).order_by("pk")
        if booking is not None:
            return list(found.filter(payload__booking_id=booking))
        return list(found.filter(payload__payment_id__in=[one.pk for one in self.payments()]))


_pool = ThreadPoolExecutor(PEOPLE)
"""Kept over all schedules, with a database connection for each thread; ``close_pool`` ends those."""


def at_once(calls) -> list[object]:
    """Call each in a thread of its own; one after the other on SQLite, whose test database is one connection.

    Returns what they returned or were refused with; raises what none of them may raise.
    """

    def call(function) -> object:
        try:
            return function()
        except StaybookError as refusal:
            return refusal

    calls = list(calls)
    if connection.vendor == "sqlite":
        return [call(function) for function in calls]
    assert len(calls) <= PEOPLE
    return list(_pool.map(call, calls))


def close_pool() -> None:
    """Close every thread's connection: the test database is about to be dropped."""
    all_here = threading.Barrier(PEOPLE)

    def close(_: int) -> None:
        all_here.wait(timeout=10)
        connections.close_all()

    list(_pool.map(close, range(PEOPLE)))
