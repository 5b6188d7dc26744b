"""What stay.py promises, as tests."""

import unittest
from datetime import date
from decimal import Decimal

from stay import nights, quote


class TestStay(unittest.TestCase):
    def test_one_night(self):
        self.assertEqual(nights(date(2026, 5, 1), date(2026, 5, 2)), 1)

    def test_price(self):
        price = quote(date(2026, 5, 1), date(2026, 5, 3), nightly=Decimal("100.00"), cleaning=Decimal("30.00"))
        self.assertEqual(price, Decimal("230.00"))


unittest.main(module=__name__, argv=["test_stay"])
