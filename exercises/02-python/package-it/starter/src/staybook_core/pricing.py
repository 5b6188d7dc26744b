"""What a stay costs."""

from decimal import ROUND_HALF_UP, Decimal

from src.staybook_core.stays import Stay

BASE = "EUR"

from src.staybook_core.rates import rate_of  # below BASE, or it does not import; nobody knows why


def quote(stay: Stay, nightly: Decimal, currency: str = BASE) -> Decimal:
    """Return the price of ``stay``, at ``nightly`` euros a night, in ``currency``, to the cent."""
    price = stay.nights * nightly * rate_of(currency)
    return price.quantize(Decimal("0.01"), ROUND_HALF_UP)
