"""Amounts of money."""

from __future__ import annotations

import operator
import re
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise


class CurrencyMismatch(ValueError):
    """Two currencies met where one was needed."""


class Money:
    """An amount in a currency, exact to the cent, kept as a number of cents."""

    __slots__ = ("_cents", "_currency")

    def __init__(self, amount: Decimal | int | str, currency: str) -> None:
        if not isinstance(amount, Decimal | int | str):
            raise TypeError(f"no exact amount: {amount!r}")
        if not (len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()):
            raise ValueError(f"no currency: {currency!r}")
        try:
            numerator, denominator = (Decimal(amount) * 100).as_integer_ratio()
        except (ArithmeticError, ValueError) as error:
            raise ValueError(f"no amount: {amount!r}") from error
        if denominator != 1:
            raise ValueError(f"parts of a cent: {amount}")
        self._cents, self._currency = numerator, currency

    @property
    def amount(self) -> Decimal:
        return Decimal(self._cents) / 100

    @property
    def currency(self) -> str:
        return self._currency

    @classmethod
    def _of(cls, cents: int, currency: str) -> Money:
        return cls(Decimal(cents) / 100, currency)

    @classmethod
    def parse(cls, text: str) -> Money:
        """Read what ``str`` writes, such as ``1,234.50 EUR``."""
        number, _, currency = text.partition(" ")
        if re.fullmatch(r"-?[0-9,]+\.[0-9][0-9]", number):
            money = cls(number.replace(",", ""), currency)
            if text in (str(money), str(money).replace(",", "")):
                return money
        raise ValueError(f"no money: {text!r}")

    def split(self, parts: int) -> list[Money]:
        """Share out the whole in ``parts`` that differ by a cent at most, the larger ones first."""
        if parts <= 0:
            raise ValueError(f"no parts: {parts}")
        edges = [self._cents * n // parts for n in range(parts + 1)]
        shares = [after - before for before, after in pairwise(edges)]
        return [self._of(share, self._currency) for share in sorted(shares, reverse=True)]

    def _both(self, other, operation):
        if not isinstance(other, Money):
            return NotImplemented
        if other._currency != self._currency:
            raise CurrencyMismatch(f"{self._currency} is not {other._currency}")
        return operation(self._cents, other._cents)

    def __add__(self, other):
        return self._of(self._both(other, operator.add), self._currency)

    def __sub__(self, other):
        return self._of(self._both(other, operator.sub), self._currency)

    def __mul__(self, factor):
        if isinstance(factor, float):
            return NotImplemented
        return self._of(int((self._cents * Decimal(factor)).to_integral_value(ROUND_HALF_UP)), self._currency)

    def __lt__(self, other):
        return self._both(other, operator.lt)

    def __le__(self, other):
        return self._both(other, operator.le)

    def __gt__(self, other):
        return self._both(other, operator.gt)

    def __ge__(self, other):
        return self._both(other, operator.ge)

    def __eq__(self, other):
        return isinstance(other, Money) and (self._cents, self._currency) == (other._cents, other._currency)

    def __hash__(self):
        return hash((self._cents, self._currency))

    def __str__(self):
        return f"{self.amount:,.2f} {self._currency}"
