"""Stays, and what is paid for them, as they are seen over GraphQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import strawberry

from staybook.accounts.models import Role, User
from staybook.booking.models import Status
from staybook.catalog.models import CancellationPolicy
from staybook.graphql import loaders
from staybook.graphql.peers import Peers
from staybook.graphql.types import Card, Person, Property, Review
from staybook.payments.models import PaymentStatus, Provider, RefundStatus

strawberry.enum(Status, name="BookingStatus")
for _choices in (PaymentStatus, Provider, RefundStatus):
    strawberry.enum(_choices)

MOST_PAYMENTS = 5


@strawberry.type
class NightPrice:
    """What one night of a booking costs."""

    night: date
    price: Decimal


@strawberry.type
class Price:
    """What a stay costs, as it was when it was booked."""

    nights: list[NightPrice]
    cleaning_fee: Decimal
    total: Decimal
    currency: str


@strawberry.type
class Refund:
    """Money on its way back."""

    reference: str
    amount: Decimal
    reason: str
    status: RefundStatus
    created_at: datetime
    done_at: datetime | None


@strawberry.type
class Payment:
    """One attempt to be paid for a booking. The guest pays at ``checkoutUrl``."""

    id: UUID
    booking_id: UUID
    provider: Provider
    status: PaymentStatus
    amount: Decimal
    currency: str
    checkout_url: str | None
    created_at: datetime
    peers: strawberry.Private[Peers]

    @strawberry.field
    def refunds(self) -> list[Refund]:
        return [Refund(**card) for card in self.peers.read(loaders.refunds_of_payments).get(str(self.id), ())]

    @classmethod
    def of_all(cls, cards: Iterable[Card]) -> list[Payment]:
        """Payments of one list, which are peers."""
        cards = list(cards)
        peers = Peers([card["id"] for card in cards])
        return [cls(**card, peers=peers) for card in cards]


@strawberry.type
class Booking:
    """A stay from the evening of ``checkIn`` to the morning of ``checkOut``."""

    id: UUID
    guest: Person
    check_in: date
    check_out: date
    nights: int
    guests: int
    status: Status
    hold_expires_at: datetime | None
    price: Price
    cancellation_policy: CancellationPolicy
    created_at: datetime
    cancelled_at: datetime | None
    property_id: strawberry.Private[str]
    may_see_payments: strawberry.Private[bool]
    peers: strawberry.Private[Peers]
    places: strawberry.Private[Peers]

    @strawberry.field
    def property(self) -> Property:
        return self.places.read(_linked_properties)[self.property_id]

    @strawberry.field
    def payments(self) -> list[Payment]:
        """The newest attempts, at most 5: for its guest and for staff."""
        if not self.may_see_payments:
            return []
        return self.peers.read(_newest_payments).get(str(self.id), [])

    @strawberry.field
    def review(self) -> Review | None:
        card = self.peers.read(loaders.reviews_of_bookings).get(str(self.id))
        return Review.of(card) if card else None

    @classmethod
    def of_all(cls, cards: Iterable[Card], *, seen_by: User) -> list[Booking]:
        """Bookings of one list, which are peers."""
        cards = list(cards)
        peers = Peers([card["id"] for card in cards])
        places = Peers([card["property_id"] for card in cards])
        return [cls._of(card, seen_by, peers, places) for card in cards]

    @classmethod
    def _of(cls, card: Card, seen_by: User, peers: Peers, places: Peers) -> Booking:
        price = card["price"]
        made = {
            "guest": Person(**card["guest"]),
            "price": Price(**{**price, "nights": [NightPrice(**each) for each in price["nights"]]}),
            "may_see_payments": seen_by.role == Role.ADMIN or card["guest"]["id"] == str(seen_by.public_id),
        }
        return cls(**{**card, **made}, peers=peers, places=places)


@strawberry.type
class BookingPage:
    """Some bookings; pass ``next`` as ``cursor`` for those behind them. It is null on the last page."""

    results: list[Booking]
    next: str | None


def _linked_properties(keys: list[str]) -> dict[str, Property]:
    return {str(each.id): each for each in Property.of_all(loaders.properties(keys).values())}


def _newest_payments(keys: list[str]) -> dict[str, list[Payment]]:
    """Payments by their booking: all of them are peers."""
    found = loaders.payments_of_bookings(keys, MOST_PAYMENTS)
    payments: dict[str, list[Payment]] = defaultdict(list)
    for payment in Payment.of_all(card for cards in found.values() for card in cards):
        payments[str(payment.booking_id)].append(payment)
    return payments
