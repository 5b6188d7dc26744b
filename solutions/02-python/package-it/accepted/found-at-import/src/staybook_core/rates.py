"""What a euro is worth."""

import csv
from decimal import Decimal
from importlib.resources import files


BASE = "EUR"
RATES = files(__package__) / "rates.csv"


class UnknownCurrency(LookupError):
    """There is no rate for this currency."""


def rate_of(currency: str) -> Decimal:
    """Return what one euro is in ``currency``. Raises UnknownCurrency."""
    if currency == BASE:
        return Decimal(1)
    rates = _read(RATES.read_text(encoding="utf-8"))
    if currency not in rates:
        raise UnknownCurrency(f"no rate for {currency}; there are {', '.join(sorted(rates))}")
    return rates[currency]


def fetch_rates(url: str) -> dict[str, Decimal]:
    """Read newer rates from ``url``, which answers with a file such as rates.csv."""
    from urllib.request import urlopen

    with urlopen(url) as answer:
        return _read(answer.read().decode("utf-8"))


def _read(text: str) -> dict[str, Decimal]:
    return {row["currency"]: Decimal(row["rate"]) for row in csv.DictReader(text.splitlines())}
