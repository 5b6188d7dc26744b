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
    quote = await asyncio.to_thread(_quote, listing_id)
    await partner.note(quote)
    return quote


async def handle_all(listing_ids: Sequence[int]) -> list[Quote]:
    """Answer many guests, in the order in which they are given."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(handle(listing_id)) for listing_id in listing_ids]
    return [task.result() for task in tasks]


def _quote(listing_id: int) -> Quote:
    price = partner.fetch_price(listing_id)
    return Quote(listing_id, price, partner.forecast(price))
