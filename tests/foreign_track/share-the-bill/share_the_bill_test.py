import unittest

from share_the_bill import shares


class ShareTheBillTest(unittest.TestCase):
    def setUp(self):
        self.bill = 1000

    def test_it_comes_out_even(self):
        self.assertEqual(shares(self.bill, 4), [250, 250, 250, 250])

    def test_the_first_pay_what_is_left_over(self):
        self.assertEqual(shares(self.bill, 3), [334, 333, 333])

    def test_no_cent_is_lost(self):
        for guests in range(1, 12):
            with self.subTest(guests=guests):
                self.assertEqual(sum(shares(self.bill, guests)), self.bill)

    def test_somebody_has_to_pay(self):
        with self.assertRaises(ValueError) as told:
            shares(self.bill, 0)
        self.assertEqual(told.exception.args, ("nobody pays",))
