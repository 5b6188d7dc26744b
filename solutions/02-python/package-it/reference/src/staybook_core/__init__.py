"""Stays and their prices."""

from staybook_core.pricing import quote
from staybook_core.rates import UnknownCurrency, fetch_rates
from staybook_core.stays import Stay

__all__ = ["Stay", "UnknownCurrency", "fetch_rates", "quote"]
