"""Mutation: what can be changed. Each field calls the same service of the domain as its route of REST."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry.types import Info

from staybook.accounts import services as account_services
from staybook.booking import services as booking_services
from staybook.catalog import models as catalog_models
from staybook.catalog import queries as catalog_queries
from staybook.catalog import services as catalog_services
from staybook.catalog.models import CancellationPolicy
from staybook.graphql.caller import Caller, demand_staff, demand_user
from staybook.graphql.cards import booking_card, payment_card, refund_card
from staybook.graphql.idempotency import once, once_in_steps
from staybook.graphql.inputs import demand_between, demand_columns, demand_text, invalid
from staybook.graphql.stays import Booking, Payment, Refund
from staybook.graphql.types import Me, Property, Review
from staybook.payments import queries as payment_queries
from staybook.payments import refunds as payment_refunds
from staybook.payments import services as payment_services
from staybook.payments.models import Provider
from staybook.reviews import queries as review_queries
from staybook.reviews import services as review_services

_Info = Info[Caller, None]
_MOST_AMENITIES = 50
_KEY = "A name for this request, for example a UUID. The same key again gives the same answer, for 24 hours."
Key = Annotated[str, strawberry.argument(description=_KEY)]


@strawberry.input
class HoldInput:
    """What a guest chooses. The price is not for them to say."""

    property_id: UUID
    check_in: date = strawberry.field(description="The first evening.")
    check_out: date = strawberry.field(description="The last morning: that night is free for others.")
    guests: int


@strawberry.input
class PropertyInput:
    """What a host says of a new property; ``city`` and ``amenities`` are slugs."""

    city: str
    title: str
    sleeps: int
    nightly: Decimal
    currency: str
    description: str = ""
    cleaning_fee: Decimal = Decimal(0)
    cancellation_policy: CancellationPolicy = CancellationPolicy.MODERATE
    is_listed: bool = True
    amenities: list[str] = strawberry.field(default_factory=list)


@strawberry.input
class PropertyChanges:
    """What a host changes of a property; what is left out stays as it is."""

    city: strawberry.Maybe[str]
    title: strawberry.Maybe[str]
    sleeps: strawberry.Maybe[int]
    nightly: strawberry.Maybe[Decimal]
    currency: strawberry.Maybe[str]
    description: strawberry.Maybe[str]
    cleaning_fee: strawberry.Maybe[Decimal]
    cancellation_policy: strawberry.Maybe[CancellationPolicy]
    is_listed: strawberry.Maybe[bool]
    amenities: strawberry.Maybe[list[str]]


@strawberry.type
class Mutation:
    """What can be changed."""

    @strawberry.mutation
    def rename(self, info: _Info, name: str) -> Me | None:
        """Change one's own name."""
        return Me.of(account_services.rename(user=demand_user(info), name=name))

    @strawberry.mutation
    def hold(self, info: _Info, input: HoldInput, idempotency_key: Key) -> Booking | None:
        """Hold a property's nights. Pay before `holdExpiresAt`."""
        user = demand_user(info)
        wish = asdict(input)
        card = once(info, idempotency_key, wish, lambda: booking_card(booking_services.hold(guest=user, **wish)))
        return Booking.of_all([card], seen_by=user)[0]

    @strawberry.mutation
    def cancel_booking(self, info: _Info, id: UUID) -> Booking | None:
        """Cancel a booking. What was paid comes back by its policy. Twice is once."""
        user = demand_user(info)
        booking = booking_services.cancel(actor=user, booking_id=id)
        return Booking.of_all([booking_card(booking)], seen_by=user)[0]

    @strawberry.mutation
    def start_payment(self, info: _Info, booking_id: UUID, provider: Provider, idempotency_key: Key) -> Payment | None:
        """Start to pay for a hold: send the guest to `checkoutUrl`."""
        user = demand_user(info)
        wish: dict[str, Any] = {"booking_id": booking_id, "provider": provider.value}
        card = once_in_steps(
            info, idempotency_key, wish, lambda: payment_card(payment_services.start(guest=user, **wish))
        )
        return Payment.of_all([card])[0]

    @strawberry.mutation
    def check_payment(self, info: _Info, id: UUID) -> Payment | None:
        """Ask the provider now, and say what came of it: for whoever comes back from `checkoutUrl`."""
        payment = payment_queries.payment_for(reader=demand_user(info), payment_id=id)
        return Payment.of_all([payment_card(payment_services.settle(payment_id=payment.pk))])[0]

    @strawberry.mutation
    def refund_payment(
        self, info: _Info, id: UUID, reason: str, idempotency_key: Key, amount: Decimal | None = None
    ) -> Refund | None:
        """Owe a refund, of all that is left without an amount. For staff; each reason is good for one refund."""
        demand_staff(info)
        demand_text(payment_refunds.LONGEST_REASON, reason=reason)
        wish: dict[str, Any] = {"payment_id": id, "amount": amount, "reason": reason}
        card = once(info, idempotency_key, wish, lambda: refund_card(payment_refunds.ask(**wish)))
        return Refund(**card)

    @strawberry.mutation
    def write_review(self, info: _Info, booking_id: UUID, rating: int, text: str = "") -> Review | None:
        """Say how one's own stay was, from the day of check-out; once."""
        user = demand_user(info)
        demand_text(2000, text=text)
        demand_between(1, 5, rating=rating)
        review = review_services.write_review(guest=user, booking_id=booking_id, rating=rating, text=text)
        return Review.of(review_queries.one(review))

    @strawberry.mutation
    def create_property(self, info: _Info, input: PropertyInput) -> Property | None:
        """List a property of one's own. Hosts only."""
        user = demand_user(info)
        facts = _checked(asdict(input))
        place = catalog_services.create_property(host=user, **facts)
        return Property.of_all([catalog_queries.detail(place.public_id, seen_by=user)])[0]

    @strawberry.mutation
    def update_property(self, info: _Info, id: UUID, version: int, changes: PropertyChanges) -> Property | None:
        """Change what is given, if the property is still the version that was read."""
        user = demand_user(info)
        given = {name: getattr(changes, name) for name in changes.__annotations__}
        facts = _checked({name: some.value for name, some in given.items() if some is not None})
        catalog_services.change_property(actor=user, property_id=id, versions=[version], changes=facts)
        return Property.of_all([catalog_queries.detail(id, seen_by=user)])[0]


def _checked(facts: dict[str, Any]) -> dict[str, Any]:
    """Raises Invalid for what a property cannot be."""
    amenities = facts.get("amenities") or ()
    if len(amenities) > _MOST_AMENITIES:
        raise invalid(amenities=f"At most {_MOST_AMENITIES}.")
    for slug in amenities:
        demand_text(40, amenities=slug)
    demand_text(60, city=facts.get("city"))
    columns = {name: value for name, value in facts.items() if name not in ("city", "amenities")}
    demand_columns(catalog_models.Property, columns)
    return facts
