"""Stays: half-open ranges of dates."""

import re
from dataclasses import dataclass
from datetime import date

_STAY = re.compile("([0-9-]{10})[.]{2}([0-9-]{10})")


@dataclass(frozen=True)
class Stay:
    """The nights from ``check_in`` to ``check_out``. Raises ValueError when there is none."""

    check_in: date
    check_out: date

    def __post_init__(self) -> None:
        if self.check_out <= self.check_in:
            raise ValueError(f"no night between {self.check_in} and {self.check_out}")

    @property
    def nights(self) -> int:
        return (self.check_out - self.check_in).days

    @classmethod
    def parse(cls, text: str) -> "Stay":
        """Read a stay that is written as ``2026-05-01..2026-05-04``. Raises ValueError."""
        found = _STAY.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no stay such as 2026-05-01..2026-05-04")
        return cls(date.fromisoformat(found[1]), date.fromisoformat(found[2]))
