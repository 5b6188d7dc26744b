"""What must be true when a hold's life is over, and what its schedule has met: by fakegateway's ledger and our rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from staybook.booking.models import LIVE, Booking, Status
from staybook.common.models import OutboxMessage
from staybook.notifications.models import EmailMessage
from staybook.payments.models import KEPT, Payment, PaymentStatus, RefundStatus, WebhookEvent

if TYPE_CHECKING:
    from tests.fakegateway.running import Fake

ENDS = ("succeeded", "failed", "abandoned", "partly_refunded", "refunded")
NOT_KEPT = ("hold_lost", "wrong_amount", "paid_twice")


@dataclass
class End:
    """Everything that is there, read once; there is nothing of another life."""

    booking: Booking
    payments: list[Payment]
    messages: list[OutboxMessage]
    events: list[WebhookEvent]
    orders: dict[str, dict[str, Any]]
    faults: dict[str, int]
    sent: list[dict[str, Any]]

    @classmethod
    def of(cls, booking: Booking, fake: Fake) -> End:
        booking.refresh_from_db()
        ledger = fake.http.get("/control/ledger").json()
        return cls(
            booking=booking,
            payments=list(Payment.objects.prefetch_related("refunds").order_by("pk")),
            messages=list(OutboxMessage.objects.order_by("pk")),
            events=list(WebhookEvent.objects.all()),
            orders={order["reference"]: order for order in ledger["orders"]},
            faults=ledger["faults"],
            sent=fake.http.get("/control/webhooks").json(),
        )

    def told(self, topic: str) -> list[OutboxMessage]:
        """The messages of a topic about this booking, or about its payments."""
        ours = ("payment_id", "booking_id")
        here = {"payment_id": [one.pk for one in self.payments], "booking_id": [self.booking.pk]}
        return [
            one
            for one in self.messages
            if one.topic == topic and any(one.payload.get(name) in here[name] for name in ours)
        ]

    def judge(self, given_by_staff: Decimal) -> None:
        """Raises AssertionError for money that is neither earned nor back, and for whatever was done twice."""
        self._judge_money(given_by_staff)
        self._judge_booking()
        self._judge_messages()

    def _judge_money(self, given_by_staff: Decimal) -> None:
        """Captured is confirmed and refunded, by the providers' ledger."""
        assert self.orders.keys() <= {payment.reference for payment in self.payments}
        kept = sum((self._kept_of(payment) for payment in self.payments), Decimal(0))
        earned = Decimal(0)
        if self.told("booking.confirmed"):
            by_policy = sum(Decimal(one.payload["refund"]) for one in self.told("booking.cancelled"))
            earned = max(Decimal(0), self.booking.total - given_by_staff - by_policy)
        assert kept == earned, f"{kept} was kept, {earned} was earned"

    def _kept_of(self, payment: Payment) -> Decimal:
        assert payment.status in ENDS, payment.status
        order = self.orders.get(payment.reference)
        if order is None:
            assert not payment.captured
            return Decimal(0)
        kept = Decimal(order["captured"] - order["refunded"]) / 100
        assert kept == 0 or payment.status in KEPT, (payment.status, order)
        ours = {one.reference: (one.amount, one.status) for one in payment.refunds.all()}
        theirs = {key: (Decimal(cents) / 100, RefundStatus.DONE) for key, cents in order["refunds"].items()}
        assert theirs == ours
        assert Decimal(order["captured"]) / 100 == payment.captured
        return kept

    def _judge_booking(self) -> None:
        assert self.booking.status != Status.HELD or not self.told("payment.succeeded")
        for topic in ("booking.confirmed", "booking.cancelled", "payment.succeeded"):
            assert len(self.told(topic)) <= 1, f"{topic} twice"
        assert Booking.objects.filter(status__in=LIVE).count() <= 1
        for payment in self.payments:
            why = [one.reason for one in payment.refunds.all() if one.reason in NOT_KEPT]
            assert len(why) == (payment.status == PaymentStatus.REFUNDED and payment.pk not in self._succeeded()), why

    def _succeeded(self) -> set[int]:
        return {one.payload["payment_id"] for one in self.told("payment.succeeded")}

    def _judge_messages(self) -> None:
        """Every event that was taken is kept once, and was handled."""
        assert all(one.published_at for one in self.messages)
        assert all(one.handled_at for one in self.events)
        taken = [one for one in self.sent if 200 in one["statuses"]]
        assert len(self.events) == len(taken), "an event was kept more than once"
        for one in taken:
            assert one["fault"] != "bad_signature", one
            assert (one["fault"], one["provider"]) != ("stale", "stripe"), one
        mails = EmailMessage.objects.filter(dedupe_key=f"booking.confirmed:{self.booking.public_id}").count()
        assert mails == len(self.told("booking.confirmed")), "one mail for one confirmation"

    def counted(self) -> Counter[str]:
        """What this schedule has met: how often each fault, which ends, and cents."""
        met: Counter[str] = Counter({f"fault: {name}": times for name, times in self.faults.items()})
        met[f"booking: {self.booking.status}"] += 1
        met["booking: confirmed once"] += len(self.told("booking.confirmed"))
        met["booking: confirmed after its hold was lost"] += bool(
            self.told("booking.expired") and self.told("booking.confirmed")
        )
        met["webhook: taken"] += len(self.events)
        met["webhook: refused or lost"] += len(self.sent) - len(self.events)
        for payment in self.payments:
            met[f"payment: {payment.provider} {payment.status}"] += 1
            for refund in payment.refunds.all():
                met[f"refund: {refund.reason.partition(':')[0]}"] += 1
        for order in self.orders.values():
            met["cents: captured"] += order["captured"]
            met["cents: refunded"] += order["refunded"]
        met["cents: kept for a confirmed booking"] = met["cents: captured"] - met["cents: refunded"]
        return met
