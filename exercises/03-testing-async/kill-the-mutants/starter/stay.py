"""How long a stay is, and what it costs."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal


def nights(check_in: date, check_out: date) -> int:
    """Count the nights from check_in to check_out; the day of departure is none of them.

    Raises ValueError unless check_out is after check_in.
    """
    if check_out <= check_in:
        raise ValueError("check_out must be after check_in")
    return (check_out - check_in).days


def quote(check_in: date, check_out: date, *, nightly: Decimal, cleaning: Decimal) -> Decimal:
    """Price a stay: its nights, ten percent less from seven nights on, and the cleaning once, in full.

    Rounded to the cent, half a cent up. Raises ValueError as ``nights`` does.
    """
    stay = nights(check_in, check_out)
    return _to_cents(_discounted(stay * nightly, stay) + cleaning)


def _discounted(amount: Decimal, stay: int) -> Decimal:
    return amount * Decimal("0.90") if stay >= 7 else amount


def _to_cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
