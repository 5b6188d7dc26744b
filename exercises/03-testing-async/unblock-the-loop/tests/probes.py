"""Serve guests on a virtual clock: the partner's library is the given one, its wire and its log are the test's."""

import asyncio
import time
import warnings

from prodev.testbed import virtual

virtual.install()


def serve(listing_ids, arrive, leave, log, beat, think, conclude, together):
    """Answer all guests by ``handle_all``, or each by a ``handle`` of its own; say what came of it."""
    _connect(arrive, leave, log, think, conclude)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        seen = virtual.run(_watch(listing_ids, beat, together))
    never = [str(each.message) for each in caught if "never awaited" in str(each.message)]
    return seen | {"never_awaited": never}


def _connect(arrive, leave, log, think, conclude):
    import partner

    def over_the_wire(listing_id):
        time.sleep(arrive(listing_id))
        return leave(listing_id)

    def crunch(price):
        virtual.burn(think(price))
        return conclude(price)

    async def to_the_log(quote):
        await asyncio.sleep(0.02)
        log([quote.listing_id, quote.price, quote.next_week])

    partner._over_the_wire, partner._crunch, partner._to_the_log = over_the_wire, crunch, to_the_log


async def _watch(listing_ids, beat, together):
    from handlers import handle, handle_all

    loop = asyncio.get_running_loop()
    began = loop.time()
    async with virtual.Heartbeat(tell=beat):
        if together:
            found = await handle_all(listing_ids)
        else:
            found = await asyncio.gather(*map(handle, listing_ids), return_exceptions=True)
        took = loop.time() - began
    quotes = [
        f"{type(each).__name__}: {each}"
        if isinstance(each, BaseException)
        else [each.listing_id, each.price, each.next_week]
        for each in found
    ]
    return {"quotes": quotes, "took_s": round(took, 3)}
