"""How long is a stay?"""

from datetime import date


def nights(check_in: date, check_out: date) -> int:
    """Count both the first and the last day."""
    if check_out <= check_in:
        raise ValueError(f"no night lies between {check_in} and {check_out}")
    return (check_out - check_in).days + 1
