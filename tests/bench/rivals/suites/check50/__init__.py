"""The suite of count-nights, as check50's documentation would have it: a check for each case."""

from datetime import date

import check50
import check50.py


def _nights(check_in, check_out):
    return check50.py.import_("nights.py").nights(check_in, check_out)


def _counts(check_in, check_out, expected):
    answer = _nights(check_in, check_out)
    if answer != expected:
        raise check50.Mismatch(str(expected), str(answer))


def _refuses(check_in, check_out):
    try:
        _nights(check_in, check_out)
    except ValueError:
        return
    raise check50.Failure("expected a ValueError")


@check50.check()
def exists():
    """nights.py exists"""
    check50.exists("nights.py")


@check50.check(exists, timeout=2)
def counts_one_night():
    """counts one night"""
    _counts(date(2024, 5, 1), date(2024, 5, 2), 1)


@check50.check(exists, timeout=2)
def counts_over_the_end_of_a_month():
    """counts over the end of a month"""
    _counts(date(2024, 5, 30), date(2024, 6, 2), 3)


@check50.check(exists, timeout=2)
def counts_a_leap_day():
    """counts a leap day"""
    _counts(date(2024, 2, 28), date(2024, 3, 1), 2)


@check50.check(exists, timeout=2)
def refuses_a_stay_of_no_night():
    """refuses a stay of no night"""
    _refuses(date(2024, 5, 1), date(2024, 5, 1))


@check50.check(exists, timeout=2)
def refuses_a_stay_that_ends_first():
    """refuses a stay that ends before it begins"""
    _refuses(date(2024, 5, 3), date(2024, 5, 1))
