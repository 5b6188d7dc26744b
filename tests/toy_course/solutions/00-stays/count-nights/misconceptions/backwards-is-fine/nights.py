"""How long is a stay?"""

from datetime import date


def nights(check_in: date, check_out: date) -> int:
    """Subtract, and trust the caller."""
    return (check_out - check_in).days
