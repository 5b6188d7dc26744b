"""What can be seen over GraphQL: the facts that REST shows, linked to one another."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import strawberry

from staybook.accounts.models import Role, User
from staybook.booking.models import Status
from staybook.catalog.models import CancellationPolicy
from staybook.graphql import loaders
from staybook.graphql.inputs import demand_between
from staybook.graphql.peers import Peers
from staybook.payments.models import PaymentStatus, Provider

for _choices, _name in (
    (Role, "Role"),
    (Status, "BookingStatus"),
    (CancellationPolicy, "CancellationPolicy"),
    (PaymentStatus, "PaymentStatus"),
    (Provider, "Provider"),
):
    strawberry.enum(_choices, name=_name)

MOST_REVIEWS, MOST_PAYMENTS = 10, 5
Card = loaders.Card


@strawberry.type
class Me:
    """Somebody as they see themselves: the only type with an address in it."""

    id: UUID
    email: str
    name: str
    role: Role
    created_at: datetime

    @classmethod
    def of(cls, user: User) -> Me:
        facts = {name: getattr(user, name) for name in ("email", "name", "role", "created_at")}
        return cls(id=user.public_id, **facts)


@strawberry.type
class Person:
    """Somebody as others see them."""

    id: UUID
    name: str


@strawberry.type
class City:
    """Where a property stands; ``country`` is ISO 3166-1 alpha-2."""

    slug: str
    name: str
    country: str


@strawberry.type
class Amenity:
    """Something that a property has."""

    slug: str
    name: str


@strawberry.type
class Photo:
    """A picture of a property; the first is its cover."""

    id: int
    url: str
    caption: str


@strawberry.type
class ReviewAuthor:
    """Who wrote a review."""

    name: str


@strawberry.type
class Review:
    """What a guest said of a stay."""

    id: UUID
    rating: int
    text: str
    guest: ReviewAuthor
    created_at: datetime

    @classmethod
    def of(cls, card: Card) -> Review:
        return cls(**{**card, "guest": ReviewAuthor(**card["guest"])})


@strawberry.type
class Property:
    """A listing."""

    id: UUID
    title: str
    city: City
    sleeps: int
    nightly: Decimal
    cleaning_fee: Decimal
    currency: str
    cancellation_policy: CancellationPolicy
    rating: float | None = strawberry.field(description="Of 5.")
    review_count: int
    amenities: list[Amenity]
    photos: list[Photo]
    host: Person
    peers: strawberry.Private[Peers]

    @strawberry.field
    def description(self) -> str:
        return str(self._details["description"])

    @strawberry.field
    def timezone(self) -> str:
        """IANA name of the zone that its nights are counted in."""
        return str(self._details["timezone"])

    @strawberry.field
    def version(self) -> int:
        """Counts changes; an update names the version that was read."""
        return int(self._details["version"])

    @strawberry.field
    def is_listed(self) -> bool:
        return bool(self._details["is_listed"])

    @strawberry.field
    def created_at(self) -> datetime:
        moment: datetime = self._details["created_at"]
        return moment

    @strawberry.field
    def reviews(self, limit: int = 3) -> list[Review]:
        """The newest, at most 10."""
        demand_between(1, MOST_REVIEWS, limit=limit)
        return [Review.of(card) for card in self.peers.read(loaders.newest_reviews, limit).get(str(self.id), ())]

    @property
    def _details(self) -> Card:
        return self.peers.read(loaders.details)[str(self.id)]

    @classmethod
    def of_all(cls, cards: Iterable[Card]) -> list[Property]:
        """Properties of one list, which are peers."""
        cards = list(cards)
        peers = Peers([card["id"] for card in cards])
        return [cls._of(card, peers) for card in cards]

    @classmethod
    def _of(cls, card: Card, peers: Peers) -> Property:
        names = ("id", "title", "sleeps", "nightly", "cleaning_fee", "currency", "cancellation_policy", "rating")
        return cls(
            **{name: card[name] for name in names},
            review_count=card["review_count"],
            city=City(**{name: card["city"][name] for name in ("slug", "name", "country")}),
            amenities=[Amenity(**each) for each in card["amenities"]],
            photos=[Photo(**each) for each in card["photos"]],
            host=Person(**card["host"]),
            peers=peers,
        )


@strawberry.type
class PropertyPage:
    """Some properties; pass ``next`` as ``cursor`` for those behind them. It is null on the last page."""

    results: list[Property]
    next: str | None


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
        found = self.peers.read(loaders.payments_of_bookings, MOST_PAYMENTS)
        return [Payment(**card) for card in found.get(str(self.id), ())]

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
