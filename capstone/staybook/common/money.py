"""Amounts of money: a Decimal with two places and a currency that it is never parted from."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
CURRENCIES = ("ETB", "EUR", "GHS", "KES", "NGN", "USD", "ZAR")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount, rounded half up to cents when it is made. Raises ValueError across currencies."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "amount", self.amount.quantize(CENT, ROUND_HALF_UP))

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def times(self, factor: Decimal | int) -> Money:
        """So many times, or such a part."""
        return Money(self.amount * factor, self.currency)

    @property
    def minor(self) -> int:
        """In cents, as Stripe counts."""
        return int(self.amount.scaleb(2))

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def _same(self, other: Money) -> Decimal:
        if other.currency != self.currency:
            raise ValueError(f"{other} cannot be added to {self}: the currencies differ")
        return other.amount
