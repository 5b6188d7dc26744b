"""How long is a stay?"""

from datetime import date


def nights(check_in: date, check_out: date) -> int:
    """Count the nights of the half-open stay [check_in, check_out)."""
    raise NotImplementedError("TODO: count the nights")
