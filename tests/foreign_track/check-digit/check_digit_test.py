import unittest

from check_digit import check_digit, is_valid


class CheckDigitTest(unittest.TestCase):
    def test_digits_alone(self):
        self.assertEqual(check_digit("1203"), 7)

    def test_letters_count_from_ten(self):
        self.assertEqual(check_digit("A1"), 2)

    def test_a_code_with_its_digit_is_valid(self):
        self.assertIs(is_valid("12037"), True)

    def test_two_letters_in_the_wrong_order_are_noticed(self):
        self.assertIs(is_valid("21037"), False)
