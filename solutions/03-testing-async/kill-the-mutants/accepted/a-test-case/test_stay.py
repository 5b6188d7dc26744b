"""What stay.py promises, as tests."""

# ruff: noqa: PT009, PT027 - the assertions of unittest are what this variant is about

import unittest
from datetime import date, timedelta
from decimal import Decimal

import stay

FIRST = date(2028, 2, 27)


class Nights(unittest.TestCase):
    def test_counts_on_through_a_leap_year(self):
        for count in range(1, 400):
            with self.subTest(count=count):
                self.assertEqual(stay.nights(FIRST, FIRST + timedelta(days=count)), count)

    def test_refuses_the_same_day(self):
        self.assertRaises(ValueError, stay.nights, FIRST, FIRST)

    def test_refuses_the_wrong_order(self):
        self.assertRaises(ValueError, stay.nights, FIRST, FIRST - timedelta(days=3))


class Quote(unittest.TestCase):
    def quote(self, count, nightly="80", cleaning="25"):
        last = FIRST + timedelta(days=count)
        return stay.quote(FIRST, last, nightly=Decimal(nightly), cleaning=Decimal(cleaning))

    def test_up_to_six_nights_are_in_full(self):
        self.assertEqual([self.quote(count) for count in (1, 6)], [Decimal("105"), Decimal("505")])

    def test_from_seven_nights_on_they_are_cheaper(self):
        self.assertEqual([self.quote(count) for count in (7, 8, 30)], [Decimal("529"), Decimal("601"), Decimal("2185")])

    def test_half_a_cent_goes_up(self):
        self.assertEqual(str(self.quote(7, "33.35", "0")), "210.11")

    def test_refuses_what_nights_refuses(self):
        with self.assertRaises(ValueError):
            self.quote(0)
