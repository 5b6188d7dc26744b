"""How long is a stay?"""

from datetime import date


def nights(check_in: date, check_out: date) -> int:
    """Swap dates that come in the wrong order."""
    return abs((check_out - check_in).days)
