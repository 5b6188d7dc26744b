"""Answer guests who ask what a night costs."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass

import partner

WAITING = ThreadPoolExecutor(max_workers=20, thread_name_prefix="partner")
COMPUTING = ProcessPoolExecutor(max_workers=2)


@dataclass(frozen=True)
class Quote:
    """What a night costs now, and next week, in cents."""

    listing_id: int
    price: int
    next_week: int


async def handle(listing_id: int) -> Quote:
    """Answer one guest."""
    loop = asyncio.get_running_loop()
    price = await loop.run_in_executor(WAITING, partner.fetch_price, listing_id)
    next_week = await loop.run_in_executor(COMPUTING, partner.forecast, price)
    quote = Quote(listing_id, price, next_week)
    await partner.note(quote)
    return quote


async def handle_all(listing_ids: Sequence[int]) -> list[Quote]:
    """Answer many guests, in the order in which they are given."""
    return await asyncio.gather(*(handle(listing_id) for listing_id in listing_ids))
