"""People and places as they are seen over GraphQL: the facts that REST shows, linked to one another."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from staybook.accounts.models import Role, User
from staybook.booking import availability
from staybook.catalog.models import CancellationPolicy
from staybook.common import clock
from staybook.graphql import loaders
from staybook.graphql.inputs import demand_between
from staybook.graphql.peers import Peers

strawberry.enum(Role, name="Role")
strawberry.enum(CancellationPolicy, name="CancellationPolicy")

MOST_REVIEWS = 10
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
    peers: strawberry.Private[Peers]

    @strawberry.field
    def timezone(self) -> str:
        """IANA name of the zone that nights are counted in there."""
        return str(self.peers.read(loaders.zones)[self.slug])

    @classmethod
    def of_all(cls, cards: Iterable[Card]) -> list[City]:
        """Cities of one list, which are peers; cards may say more of them."""
        cards = list(cards)
        peers = Peers([card["slug"] for card in cards])
        return [cls(**{name: card[name] for name in ("slug", "name", "country")}, peers=peers) for card in cards]


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

    @strawberry.field
    def taken_nights(
        self, first: Annotated[date | None, strawberry.argument(name="from")] = None, to: date | None = None
    ) -> list[date] | None:
        """From `from`, or today where it stands, to before `to`, or 62 days later. Null while it is withdrawn."""
        if not self._details["is_listed"]:
            return None
        start = first or clock.today_in(self._details["timezone"])
        end = availability.calendar_end(start, to)
        return self.peers.read(availability.taken_nights_of_all, start, end).get(str(self.id), [])

    @property
    def _details(self) -> Card:
        return self.peers.read(loaders.details)[str(self.id)]

    @classmethod
    def of_all(cls, cards: Iterable[Card]) -> list[Property]:
        """Properties of one list, which are peers."""
        cards = list(cards)
        peers = Peers([card["id"] for card in cards])
        cities = City.of_all(card["city"] for card in cards)
        return [cls._of(card, city, peers) for card, city in zip(cards, cities, strict=True)]

    @classmethod
    def _of(cls, card: Card, city: City, peers: Peers) -> Property:
        names = ("id", "title", "sleeps", "nightly", "cleaning_fee", "currency", "cancellation_policy", "rating")
        return cls(
            **{name: card[name] for name in names},
            review_count=card["review_count"],
            city=city,
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
class ReviewPage:
    """Some reviews; pass ``next`` as ``cursor`` for those behind them. It is null on the last page."""

    results: list[Review]
    next: str | None
