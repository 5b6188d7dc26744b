"""What client.py promises, as tests that reach no gateway."""

from decimal import Decimal
from unittest import mock

import client


@mock.patch("client.charge", autospec=True, return_value="ch_7")
def test_charges(charge):
    assert client.charge(Decimal("89.90"), "EUR", reference="booking 7") == "ch_7"

    charge.assert_called_once_with(Decimal("89.90"), "EUR", reference="booking 7")


@mock.patch("client.charge", autospec=True, side_effect=client.Declined("insufficient funds"))
def test_declines(charge):
    try:
        client.charge(Decimal("89.90"), "EUR", reference="booking 7")
    except client.Declined as error:
        assert str(error) == "insufficient funds"
