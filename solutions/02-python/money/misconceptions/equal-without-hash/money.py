"""Amounts of money."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import total_ordering

CENT = Decimal("0.01")
FORM = re.compile(r"(-?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)\.[0-9]{2}) ([A-Z]{3})")


class CurrencyMismatch(ValueError):
    """Two currencies met where one was needed."""


@total_ordering
@dataclass(frozen=True, eq=False)
class Money:
    """An amount in a currency, exact to the cent."""

    amount: Decimal
    currency: str

    def __init__(self, amount: Decimal | int | str, currency: str) -> None:
        object.__setattr__(self, "amount", _whole_cents(amount))
        object.__setattr__(self, "currency", _code(currency))

    @classmethod
    def parse(cls, text: str) -> Money:
        """Read what ``str`` writes, such as ``1,234.50 EUR``."""
        form = FORM.fullmatch(text)
        if form is None:
            raise ValueError(f"money is written as '1,234.50 EUR', not as {text!r}")
        return cls(form[1].replace(",", ""), form[2])

    def split(self, parts: int) -> list[Money]:
        """Share out the whole in ``parts`` that differ by a cent at most, the larger ones first."""
        if parts < 1:
            raise ValueError(f"money is split in at least one part, not in {parts}")
        share, rest = divmod(int(self.amount / CENT), parts)
        return [Money((share + (part < rest)) * CENT, self.currency) for part in range(parts)]

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._amount_of(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._amount_of(other), self.currency)

    def __mul__(self, factor: int | Decimal) -> Money:
        return Money((self.amount * factor).quantize(CENT, rounding=ROUND_HALF_UP), self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._amount_of(other)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Money) and (self.amount, self.currency) == (other.amount, other.currency)

    def __str__(self) -> str:
        return f"{self.amount:,.2f} {self.currency}"

    def _amount_of(self, other: Money) -> Decimal:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other.amount


def _whole_cents(amount: Decimal | int | str) -> Decimal:
    if isinstance(amount, float):
        raise TypeError(f"an amount is a Decimal, an int or text, not the float {amount}")
    try:
        exact = Decimal(amount)
        cents = exact.quantize(CENT)
    except InvalidOperation:
        raise ValueError(f"{amount!r} is no amount of money") from None
    if not cents == exact:
        raise ValueError(f"{amount} has more than two decimals")
    return cents


def _code(currency: str) -> str:
    if not re.fullmatch("[A-Z]{3}", currency):
        raise ValueError(f"a currency is three capital letters such as EUR, not {currency!r}")
    return currency
