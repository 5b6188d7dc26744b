"""From lines of a feed to a summary, one booking at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


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
    # TODO: one line in, one stay out.
    raise NotImplementedError("TODO: clean the lines")


def price(stays: Iterable[Stay]) -> Iterator[Priced]:
    """Yield what each stay costs."""
    # TODO: nights times the price of one.
    raise NotImplementedError("TODO: price the stays")


def summarise(priced: Iterable[Priced], k: int) -> Summary:
    """Count and add up all bookings, and keep the ``k`` dearest, in one reading."""
    # TODO: one loop, and room for k.
    raise NotImplementedError("TODO: summarise the bookings")
