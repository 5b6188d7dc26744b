"""Answer guests who ask what a night costs."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
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
    loop = asyncio.get_running_loop()
    pool = ThreadPoolExecutor(max_workers=1)
    price = await loop.run_in_executor(pool, partner.fetch_price, listing_id)
    quote = Quote(listing_id, price, await loop.run_in_executor(pool, partner.forecast, price))
    pool.shutdown(wait=False)
    await partner.note(quote)
    return quote


async def handle_all(listing_ids: Sequence[int]) -> list[Quote]:
    """Answer many guests, in the order in which they are given."""
    return await asyncio.gather(*(handle(listing_id) for listing_id in listing_ids))
