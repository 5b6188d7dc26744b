"""Sources that count what is taken from them, and bookings that count how many of them are alive."""

from decimal import Decimal
from itertools import islice

MOST_LINES = 300


def read(lines):
    """All stages, one after the other, from a source that can be read only once."""
    from pipeline import clean, price

    rejected, stays, error = [], [], None
    try:
        for stay in clean(iter(lines), rejected):
            stays.append(stay)
    except Exception as raised:
        if isinstance(raised, NotImplementedError):
            raise
        error = f"{type(raised).__name__}: {raised}"
    return {
        "error": error,
        "stays": [[stay.guest, stay.check_in, stay.check_out, stay.per_night] for stay in stays],
        "priced": [[priced.guest, priced.total] for priced in price(iter(stays))],
        "rejected": [[each.number, each.line] for each in rejected],
        "reasons": [each.reason for each in rejected],
    }


def take(pull, wanted):
    """Take ``wanted`` priced bookings of a feed without an end; ``pull`` makes each line when it is taken."""
    from pipeline import clean, price

    feed = (pull() for _ in range(MOST_LINES))
    return [priced.guest for priced in islice(price(clean(feed, [])), wanted)]


def take_stays(pull, wanted):
    from pipeline import clean

    feed = (pull() for _ in range(MOST_LINES))
    return [stay.guest for stay in islice(clean(feed, []), wanted)]


def summary(bookings, k, as_list=False):
    from pipeline import Priced, summarise

    feed = (Priced(guest, total) for guest, total in bookings)
    found = summarise(list(feed) if as_list else feed, k)
    return {"count": found.count, "total": found.total, "top": [[each.guest, each.total] for each in found.top]}


def most_alive(totals, k):
    """How many bookings were alive at once while a long feed was summarised."""
    from pipeline import Priced, summarise

    alive = {"now": 0, "most": 0}

    class Counted(Priced):
        def __init__(self, guest, total):
            super().__init__(guest, total)
            alive["now"] += 1
            alive["most"] = max(alive.values())

        def __del__(self):
            alive["now"] -= 1

    summarise((Counted("guest", Decimal(total)) for total in totals), k)
    return alive["most"]
