"""What a stay costs; the fixture is a dictionary of rates, which a test may change."""

import pytest

import staybook


def test_prices_weekdays_and_weekends(rates):
    assert staybook.quote(rates, "Tala", weekday=2, weekend=1) == 135


def test_every_listing_has_rates_of_its_own(rates):
    assert staybook.quote(rates, "Mika", weekday=1, weekend=2) == 225


def test_a_listing_without_rates_is_an_error(rates):
    with pytest.raises(KeyError):
        staybook.quote(rates, "Lumi", weekday=1)


def test_a_new_rate_counts_at_once(rates):
    rates["Tala"]["weekday"] = 50

    assert staybook.quote(rates, "Tala", weekday=2) == 100


def test_a_new_listing_has_a_price(rates):
    rates["Lumi"] = {"weekday": 30, "weekend": 35}

    assert staybook.quote(rates, "Lumi", weekend=2) == 70
