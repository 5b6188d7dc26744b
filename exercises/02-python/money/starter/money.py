"""Amounts of money."""

from __future__ import annotations

from decimal import Decimal


class CurrencyMismatch(ValueError):
    """Two currencies met where one was needed."""


class Money:
    """An amount in a currency, exact to the cent."""

    amount: Decimal
    currency: str

    def __init__(self, amount: Decimal | int | str, currency: str) -> None:
        # TODO: keep the amount and the currency, and the rest of the brief.
        raise NotImplementedError("TODO: make money")

    @classmethod
    def parse(cls, text: str) -> Money:
        """Read what ``str`` writes, such as ``1,234.50 EUR``."""
        raise NotImplementedError("TODO: read money")

    def split(self, parts: int) -> list[Money]:
        """Share out the whole in ``parts`` that differ by a cent at most, the larger ones first."""
        raise NotImplementedError("TODO: split money")
