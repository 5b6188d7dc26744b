"""Query: what can be read. Each field asks the same queries of the domain as its route of REST."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry.types import Info

from staybook.booking import availability
from staybook.booking import queries as booking_queries
from staybook.catalog import queries as catalog_queries
from staybook.catalog import search as catalog_search
from staybook.common import keyset
from staybook.common.cursors import read_cursor, write_cursor
from staybook.graphql.caller import Caller, demand_host, demand_user
from staybook.graphql.cards import booking_card, payment_card
from staybook.graphql.inputs import demand_between, demand_text, invalid
from staybook.graphql.prices import MOST_ROWS
from staybook.graphql.stays import Booking, BookingPage, Payment
from staybook.graphql.types import Amenity, City, Me, Property, PropertyPage, Review, ReviewPage
from staybook.payments import queries as payment_queries
from staybook.reviews import queries as review_queries

_NEWEST = ("-id",)
_MOST_AMENITIES = 10
_Info = Info[Caller, None]


@strawberry.enum
class Sort(Enum):
    """The order of what is found: the cheapest first, or the newest."""

    PRICE = "price"
    NEWEST = "newest"


@strawberry.enum
class Side(Enum):
    """Whose bookings: made by me, or of my properties."""

    GUEST = "guest"
    HOST = "host"


@strawberry.type
class Query:
    """What can be read."""

    @strawberry.field
    def me(self, info: _Info) -> Me | None:
        """Who the access token says that you are."""
        return Me.of(demand_user(info))

    @strawberry.field
    def search(
        self,
        city: str = "",
        check_in: date | None = None,
        check_out: date | None = None,
        guests: int | None = None,
        min_price: Decimal | None = None,
        max_price: Decimal | None = None,
        amenities: list[str] | None = None,
        q: str = "",
        sort: Sort = Sort.PRICE,
        limit: int = 20,
        cursor: str | None = None,
    ) -> PropertyPage | None:
        """Listed properties; with dates, those that are free on every night between them."""
        demand_between(1, MOST_ROWS, limit=limit)
        demand_between(1, 50, guests=guests)
        demand_text(60, city=city)
        demand_text(100, q=q)
        if len(amenities or ()) > _MOST_AMENITIES:
            raise invalid(amenities=f"At most {_MOST_AMENITIES}.")
        for slug in amenities or ():
            demand_text(40, amenities=slug)
        wanted = catalog_search.Wanted(
            city=city,
            check_in=check_in,
            check_out=check_out,
            guests=guests,
            min_price=min_price,
            max_price=max_price,
            amenities=tuple(amenities or ()),
            q=q.strip(),
            sort=sort.value,
        )
        order = catalog_search.ORDERS[wanted.sort]
        after = read_cursor(cursor or None, order=order)
        page = catalog_search.find(wanted, taken=availability.taken, after=after, limit=limit)
        return PropertyPage(results=Property.of_all(page.cards), next=write_cursor(page.rest, order=order))

    @strawberry.field
    def property(self, info: _Info, id: UUID) -> Property | None:
        """A listed property; its host and staff see it when it is withdrawn, too."""
        return Property.of_all([catalog_queries.detail(id, seen_by=info.context.user)])[0]

    @strawberry.field
    def own_properties(self, info: _Info, limit: int = 20, cursor: str | None = None) -> PropertyPage | None:
        """One's own properties, newest first, withdrawn ones too. For hosts."""
        host = demand_host(info)
        demand_between(1, MOST_ROWS, limit=limit)
        after = read_cursor(cursor or None, order=catalog_queries.NEWEST)
        page = catalog_queries.of_host(host, after=after, limit=limit)
        rest = write_cursor(page.rest, order=catalog_queries.NEWEST)
        return PropertyPage(results=Property.of_all(page.cards), next=rest)

    @strawberry.field
    def cities(self) -> list[City]:
        """Where properties are, by name."""
        return City.of_all(catalog_queries.cities())

    @strawberry.field
    def amenities(self) -> list[Amenity]:
        """What properties may have, by name."""
        return [Amenity(**card) for card in catalog_queries.amenities()]

    @strawberry.field
    def reviews(self, property_id: UUID, limit: int = 20, cursor: str | None = None) -> ReviewPage | None:
        """What guests said of a listed property, newest first."""
        demand_between(1, MOST_ROWS, limit=limit)
        after = read_cursor(cursor or None, order=_NEWEST)
        key, _ = catalog_queries.whereabouts(property_id)
        found = list(keyset.after(review_queries.of_property(key), _NEWEST, after)[: limit + 1])
        rest = [found[limit - 1]["id"]] if len(found) > limit else None
        cards = [review_queries.shown(row) for row in found[:limit]]
        return ReviewPage(results=[Review.of(card) for card in cards], next=write_cursor(rest, order=_NEWEST))

    @strawberry.field
    def booking(self, info: _Info, id: UUID) -> Booking | None:
        """A booking, for its guest, its host and staff."""
        user = demand_user(info)
        found = booking_queries.one(user=user, booking_id=id)
        return Booking.of_all([booking_card(found)], seen_by=user)[0]

    @strawberry.field
    def bookings(
        self,
        info: _Info,
        side: Annotated[Side, strawberry.argument(name="as")] = Side.GUEST,
        limit: int = 20,
        cursor: str | None = None,
    ) -> BookingPage | None:
        """One's own bookings, or those of one's properties, newest first."""
        user = demand_user(info)
        demand_between(1, MOST_ROWS, limit=limit)
        rows = booking_queries.of_host(user) if side is Side.HOST else booking_queries.of_guest(user)
        found = list(keyset.after(rows, _NEWEST, read_cursor(cursor or None, order=_NEWEST))[: limit + 1])
        shown = found[:limit]
        rest = [shown[-1].pk] if len(found) > limit else None
        cards = [booking_card(each) for each in shown]
        return BookingPage(results=Booking.of_all(cards, seen_by=user), next=write_cursor(rest, order=_NEWEST))

    @strawberry.field
    def payment(self, info: _Info, id: UUID) -> Payment | None:
        """A payment as we know it, for its guest and for staff."""
        found = payment_queries.payment_for(reader=demand_user(info), payment_id=id)
        return Payment.of_all([payment_card(found)])[0]
