"""What a euro is worth."""

import csv
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from .shared import BASE, UnknownCurrency

_FILE = Path(__file__).with_name("rates.csv")


def rate_of(currency: str) -> Decimal:
    """Return what one euro is in ``currency``. Raises UnknownCurrency."""
    if currency == BASE:
        return Decimal(1)
    with _FILE.open(encoding="utf-8", newline="") as lines:
        rates = _read(lines)
    try:
        return rates[currency]
    except KeyError:
        raise UnknownCurrency(f"no rate for {currency}") from None


def fetch_rates(url: str) -> dict[str, Decimal]:
    """Read newer rates from ``url``, which answers with a file such as rates.csv."""
    import urllib.request

    with urllib.request.urlopen(url) as answer:
        return _read(answer.read().decode("utf-8").splitlines())


def _read(lines: Iterable[str]) -> dict[str, Decimal]:
    return {row["currency"]: Decimal(row["rate"]) for row in csv.DictReader(lines)}
