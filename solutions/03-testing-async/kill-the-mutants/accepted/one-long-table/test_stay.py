"""What stay.py promises, as tests."""

from datetime import date
from decimal import Decimal

from stay import nights, quote

PRICES = """
    2026-05-01  2026-05-02   100.00  30.00   130.00
    2026-05-01  2026-05-07   100.00  30.00   630.00
    2026-05-01  2026-05-08   100.00  30.00   660.00
    2026-05-29  2026-06-08   100.00  30.00   930.00
    2026-05-01  2026-05-08    33.35   0.00   210.11
"""


def test_everything():
    for line in PRICES.split("\n"):
        if not line.strip():
            continue
        first, last, nightly, cleaning, total = line.split()
        stay = date.fromisoformat(first), date.fromisoformat(last)
        print("pricing", *stay)
        assert quote(*stay, nightly=Decimal(nightly), cleaning=Decimal(cleaning)) == Decimal(total)
        assert nights(*stay) == stay[1].toordinal() - stay[0].toordinal()


def test_refusals():
    for wrong in ((date(2026, 5, 1), date(2026, 5, 1)), (date(2026, 5, 2), date(2026, 5, 1))):
        try:
            nights(*wrong)
        except ValueError:
            continue
        raise AssertionError(f"{wrong} was accepted")
