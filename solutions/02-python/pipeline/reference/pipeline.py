"""From lines of a feed to a summary, one booking at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from heapq import heappush, heappushpop


@dataclass(frozen=True)
class Stay:
    """A good line."""

    guest: str
    check_in: date
    check_out: date
    per_night: Decimal


@dataclass(frozen=True)
class Rejected:
    """A bad line, its number from 1, and what was wrong with it."""

    number: int
    line: str
    reason: str


@dataclass(frozen=True)
class Priced:
    """What a guest pays."""

    guest: str
    total: Decimal


@dataclass(frozen=True)
class Summary:
    """How many bookings, what they cost together, and the dearest of them."""

    count: int
    total: Decimal
    top: list[Priced]


def clean(lines: Iterable[str], rejected: list[Rejected]) -> Iterator[Stay]:
    """Yield a stay for every good line; append the others to ``rejected``."""
    for number, line in enumerate(lines, start=1):
        try:
            stay = _stay(line)
        except (ValueError, ArithmeticError) as error:
            rejected.append(Rejected(number, line, str(error)))
        else:
            yield stay


def price(stays: Iterable[Stay]) -> Iterator[Priced]:
    """Yield what each stay costs."""
    for stay in stays:
        nights = (stay.check_out - stay.check_in).days
        yield Priced(stay.guest, nights * stay.per_night)


def summarise(priced: Iterable[Priced], k: int) -> Summary:
    """Count and add up all bookings, and keep the ``k`` dearest, in one reading."""
    count, total, heap = 0, Decimal(0), []
    for booking in priced:
        count += 1
        total += booking.total
        # Whoever came first is the larger of two equals, so the last one is dropped.
        entry = (booking.total, -count, booking)
        if len(heap) < k:
            heappush(heap, entry)
        else:
            heappushpop(heap, entry)
    return Summary(count, total, [booking for _, _, booking in sorted(heap, reverse=True)])


def _stay(line: str) -> Stay:
    guest, check_in, check_out, per_night = line.split(";")
    stay = Stay(guest, date.fromisoformat(check_in), date.fromisoformat(check_out), Decimal(per_night))
    if stay.check_in >= stay.check_out:
        raise ValueError(f"check-out {check_out} is not after check-in {check_in}")
    if not 0 < stay.per_night < Decimal("Infinity"):
        raise ValueError(f"a night cannot cost {per_night}")
    return stay
