"""Amounts of money."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal


class CurrencyMismatch(ValueError):
    """Two currencies met where one was needed."""


@dataclass(frozen=True)
class Money:
    """An amount in a currency, exact to the cent."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.amount, float):
            raise TypeError("an amount is no float")
        try:
            amount = Decimal(self.amount)
        except ArithmeticError as error:
            raise ValueError(f"no amount: {self.amount!r}") from error
        if not amount.is_finite() or amount != round(amount, 2):
            raise ValueError(f"no whole cents: {self.amount!r}")
        if not re.match("^[A-Z][A-Z][A-Z]$", self.currency):
            raise ValueError(f"no currency: {self.currency!r}")
        object.__setattr__(self, "amount", amount)

    @classmethod
    def parse(cls, text: str) -> Money:
        """Read what ``str`` writes, such as ``1,234.50 EUR``."""
        match = re.match(r"^(-?\d{1,3}(?:,\d{3})*\.\d\d|-?\d+\.\d\d) (\w+)$", text)
        if not match:
            raise ValueError(f"no money: {text!r}")
        return cls(Decimal(match.group(1).replace(",", "")), match.group(2))

    def split(self, parts: int) -> list[Money]:
        """Share out the whole in ``parts`` that differ by a cent at most, the larger ones first."""
        if parts < 1:
            raise ValueError("nobody to split among")
        cents = int(self.amount * 100)
        shares = [cents // parts] * parts
        for lucky in range(cents - sum(shares)):
            shares[lucky] += 1
        return [replace(self, amount=Decimal(share) / 100) for share in shares]

    def _same(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other

    def __add__(self, other: Money) -> Money:
        return replace(self, amount=self.amount + self._same(other).amount)

    def __sub__(self, other: Money) -> Money:
        return replace(self, amount=self.amount - self._same(other).amount)

    def __mul__(self, factor: int | Decimal) -> Money:
        product = self.amount * factor
        return replace(self, amount=product.quantize(Decimal("1.00"), ROUND_HALF_UP))

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other).amount

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other).amount

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._same(other).amount

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._same(other).amount

    def __str__(self) -> str:
        return f"{self.amount:,.2f} {self.currency}"
