"""How long is a stay?"""

from datetime import date


def nights(check_in: date, check_out: date) -> int:
    """Count the days of the calendar on which an evening belongs to the guest."""
    evenings = range(check_in.toordinal(), check_out.toordinal())
    if not evenings:
        raise ValueError("a stay has at least one night")
    return len(evenings)
