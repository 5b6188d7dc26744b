"""Random lives of one hold: paid, declined, left, lost and cancelled, with faults at the providers in between.

What is true at the end is judged by fakegateway's own ledger, and by what the machine itself did; never by our tables
alone. A rule that does not fit the moment does nothing, so that a schedule means the same every time.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import F
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from staybook.accounts.models import Role, User
from staybook.booking import services as booking_services
from staybook.booking.models import Booking, BookingNight, Status
from staybook.catalog.models import Property
from staybook.common import clock, outbox
from staybook.common.errors import Conflict, GatewayFailed
from staybook.common.models import ConsumedMessage, OutboxMessage
from staybook.notifications.models import EmailMessage
from staybook.payments import refunds, services
from staybook.payments.models import Payment, Provider, Refund, WebhookEvent
from tests.factories import SOON, make_property, make_user
from tests.faults.at_once import at_once
from tests.faults.payments_judge import ENDS, NOT_KEPT, End

if TYPE_CHECKING:
    from tests.fakegateway.running import Fake

PROVIDERS = st.sampled_from(["chapa", "stripe"])
WHICH = st.integers(0, 2)
CHOICES = ["pay", "pay", "pay", "decline", "abandon"]
CALLS = ["initialize", "pay", "verify", "refund", "close"]
ON_CALLS = ["error_before", "error_after", "timeout", "timeout_after"]
ON_PAY = ["wrong_amount", "wrong_currency"]
ON_WEBHOOKS = ["lost", "duplicate", "out_of_order", "late", "bad_signature", "stale"]
FAULTS = st.one_of(
    st.tuples(st.sampled_from(ON_CALLS), st.sampled_from(CALLS)),
    st.tuples(st.sampled_from(ON_PAY), st.just("pay")),
    st.tuples(st.sampled_from(ON_WEBHOOKS), st.just("webhook")),
)
EVERYTHING = {
    *(f"fault: {name} on {call}" for name in ON_CALLS for call in CALLS),
    *(f"fault: {name} on pay" for name in ON_PAY),
    *(f"fault: {name} on webhook" for name in ON_WEBHOOKS),
    *(f"payment: {one} {end}" for one in Provider for end in ENDS),
    *(f"refund: {reason}" for reason in (*NOT_KEPT, "cancelled", "staff")),
    "booking: confirmed after its hold was lost",
}
"""What thousands of schedules must have met."""
ROUNDS = 12
OF_ONE_LIFE = (
    *(Refund, Payment, WebhookEvent, OutboxMessage, ConsumedMessage, EmailMessage),
    *(BookingNight, Booking),
)


@dataclass
class Cast:
    """Who and what is there in every life."""

    guest: User = field(default_factory=make_user)
    rival: User = field(default_factory=make_user)
    staff: User = field(default_factory=lambda: make_user(Role.ADMIN))
    place: Property = field(default_factory=lambda: make_property(currency="USD"))


def forget() -> None:
    """Delete what a life wrote, which is a few rows: nothing is truncated, and the cast stays."""
    with connection.cursor() as cursor:
        for model in OF_ONE_LIFE:
            cursor.execute(f"DELETE FROM {model._meta.db_table}")


def relay_all() -> int:
    """Let the outbox be empty, however often a message has failed; return how many messages went.

    Many at a time, as a relay takes them that hands them to a broker.
    """
    handed = 0
    while OutboxMessage.objects.filter(published_at=None).update(due_at=clock.now() - timedelta(seconds=1)):
        handed += outbox.relay_once(lambda message: outbox.deliver_here(message))
    return handed


class Lives(RuleBasedStateMachine):
    """One property, one guest's hold, and everything that can happen to its money."""

    fake: Fake
    cast: Cast
    tally: Counter[str]

    @initialize(provider=PROVIDERS, faults=st.lists(FAULTS, max_size=4), first=st.sampled_from([*CHOICES, None]))
    def begin(self, provider: str, faults: list[tuple[str, str]], first: str | None) -> None:
        """A hold, a payment, and perhaps what the guest does on its page."""
        self.fake.http.post("/control/reset")
        forget()
        self.booking = self.hold_for(self.cast.guest)
        self.payments: list[Payment] = []
        self.given_by_staff, self.steps = Decimal(0), 0
        for fault in faults:
            self.arm(fault)
        self.start(provider)
        if first:
            self.choose(0, first)

    @invariant()
    def count(self) -> None:
        self.steps += 1

    def hold_for(self, guest: User) -> Booking:
        facts = {"check_in": SOON, "check_out": SOON + timedelta(days=2), "guests": 1}
        return booking_services.hold(guest=guest, property_id=self.cast.place.public_id, **facts)

    def payment(self, which: int) -> Payment | None:
        return self.payments[which % len(self.payments)] if self.payments else None

    @rule(provider=PROVIDERS)
    def start(self, provider: str) -> None:
        try:
            services.start(guest=self.cast.guest, booking_id=self.booking.public_id, provider=provider)
        except (Conflict, GatewayFailed):
            pass
        self.payments = list(Payment.objects.order_by("pk"))

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

    @rule(then=st.sampled_from(["nobody sees it", "it is tidied", "it is tidied", "a rival comes"]))
    def the_hold_runs_out(self, then: str) -> None:
        past = clock.now() - timedelta(seconds=1)
        Booking.objects.filter(pk=self.booking.pk, status=Status.HELD).update(hold_expires_at=past)
        if then == "it is tidied":
            booking_services.expire_overdue()
        elif then == "a rival comes":
            self.rival_takes_the_nights()

    @rule()
    def rival_takes_the_nights(self) -> None:
        try:
            self.hold_for(self.cast.rival)
        except Conflict:
            pass

    @rule()
    def rival_goes_away(self) -> None:
        Booking.objects.filter(guest=self.cast.rival, status=Status.HELD).update(
            status=Status.EXPIRED, hold_expires_at=None
        )

    @rule(by_guest=st.booleans())
    def cancel(self, by_guest: bool) -> None:
        try:
            booking_services.cancel(
                actor=self.cast.guest if by_guest else self.cast.staff, booking_id=self.booking.public_id
            )
        except Conflict:
            pass

    @rule(which=WHICH, part=st.sampled_from([None, Decimal("1.00"), Decimal("60.50"), Decimal("219.99")]))
    def staff_refunds(self, which: int, part: Decimal | None) -> None:
        payment = self.payment(which)
        if payment:
            try:
                self.given_by_staff += refunds.ask(payment_id=payment.public_id, amount=part, reason=f"{part}").amount
            except Conflict:
                pass

    @rule(which=WHICH)
    def staff_refund_twice_at_once(self, which: int) -> None:
        """Two of staff give the larger half back, at one moment."""
        if payment := self.payment(which):
            ask = partial(refunds.ask, payment_id=payment.public_id, amount=Decimal("150.00"))
            answers = at_once([partial(ask, reason="one"), partial(ask, reason="two")])
            self.given_by_staff += sum(one.amount for one in answers if isinstance(one, Refund))

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
        self.come_to_rest()
        self.fake.disarm()
        self.come_to_rest()
        end = End.of(self.booking, self.fake)
        end.judge(self.given_by_staff)
        self.tally.update(end.counted())
        self.tally.update({"schedules": 1, "steps": self.steps})

    def age(self, by: timedelta) -> None:
        Payment.objects.update(created_at=F("created_at") - by, checked_at=F("checked_at") - by)

    def come_to_rest(self) -> None:
        """A day passes, and again, until nothing moves any more: because all is done, or because of a fault."""
        for _ in range(ROUNDS):
            self.age(timedelta(hours=25))
            if not any([self.fake.flush(), relay_all(), services.reconcile_once(), services.refund_due_once()]):
                return
        raise AssertionError("it never comes to an end")
