"""Who is told what; the fixture sets DEBUG=1 for the test that asks for it."""

import pytest

import staybook


def test_guests_are_told_little():
    assert staybook.error_page(ValueError("no such listing")) == "Sorry, something went wrong."


@pytest.mark.usefixtures("debug")
def test_developers_are_told_all():
    assert staybook.error_page(ValueError("no such listing")) == "ValueError: no such listing"
