"""What more than one module needs."""

BASE = "EUR"


class UnknownCurrency(LookupError):
    """There is no rate for this currency."""
