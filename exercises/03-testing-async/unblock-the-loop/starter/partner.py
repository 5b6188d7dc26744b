"""The partner's library. It is given, it blocks, and you cannot change it."""

import asyncio
import time
from typing import Any

NOTES: list[Any] = []


def fetch_price(listing_id: int) -> int:
    """Ask the partner's server what a night costs, in cents. Blocks for about 0.2 s."""
    return _over_the_wire(listing_id)


def forecast(price: int) -> int:
    """Compute what a night will cost next week. Blocks for about 0.1 s, all of it computing."""
    return _crunch(price)


async def note(quote: Any) -> None:
    """Write a quote to the audit log."""
    await _to_the_log(quote)


def _over_the_wire(listing_id: int) -> int:
    time.sleep(0.2)
    return 5000 + listing_id * 137


def _crunch(price: int) -> int:
    until = time.perf_counter() + 0.1
    while time.perf_counter() < until:
        pass
    return price * 11 // 10


async def _to_the_log(quote: Any) -> None:
    await asyncio.sleep(0.02)
    NOTES.append(quote)
