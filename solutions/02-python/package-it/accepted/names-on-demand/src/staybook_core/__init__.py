"""Stays and their prices."""

from importlib import import_module

_HOMES = {"Stay": "stays", "UnknownCurrency": "rates", "fetch_rates": "rates", "quote": "pricing"}
__all__ = list(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
