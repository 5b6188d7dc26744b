"""Answer guests who ask what a night costs."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import partner


@dataclass(frozen=True)
class Quote:
    """What a night costs now, and next week, in cents."""

    listing_id: int
    price: int
    next_week: int


async def handle(listing_id: int) -> Quote:
    """Answer one guest."""
    price = await asyncio.to_thread(partner.fetch_price, listing_id)
    quote = Quote(listing_id, price, partner.forecast(price))
    await partner.note(quote)
    return quote


async def handle_all(listing_ids: Sequence[int]) -> list[Quote]:
    """Answer many guests, in the order in which they are given."""
    return await asyncio.gather(*(handle(listing_id) for listing_id in listing_ids))
