"""Stays and their prices."""

from .pricing import quote
from .rates import fetch_rates
from .shared import UnknownCurrency
from .stays import Stay

__version__ = "1.0.0"
__all__ = ("Stay", "UnknownCurrency", "fetch_rates", "quote")
