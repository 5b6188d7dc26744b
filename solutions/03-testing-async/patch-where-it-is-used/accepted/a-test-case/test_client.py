"""What client.py promises, as tests that reach no gateway."""

# ruff: noqa: PT009, PT027 - the assertions of unittest are what this variant is about

import unittest
from decimal import Decimal
from unittest.mock import Mock, create_autospec, patch

import client
import transport

URL = "https://pay.staybook.example/charges"


class ChargeTest(unittest.TestCase):
    def setUp(self):
        self.post = create_autospec(transport.post, return_value=Mock(status=201, json={"id": "ch-42"}))
        patcher = patch.object(client, "post", self.post)
        patcher.start()
        self.addCleanup(patcher.stop)

    def test_charges(self):
        for amount, cents, currency in (("20.00", 2000, "EUR"), ("0.99", 99, "KES")):
            with self.subTest(amount=amount):
                self.post.reset_mock()
                self.assertEqual(client.charge(Decimal(amount), currency, reference="r" + amount), "ch-42")
                self.post.assert_called_once()
                args, sent = self.post.call_args
                self.assertEqual(args, (URL,))
                self.assertEqual(sent["json"], {"amount": cents, "currency": currency, "reference": "r" + amount})
                self.assertEqual(sent["headers"]["Idempotency-Key"], "r" + amount)
                self.assertEqual(sent["timeout"], 5)

    def test_declined(self):
        self.post.return_value = Mock(status=402, json={"reason": "stolen"})
        with self.assertRaisesRegex(client.Declined, "^stolen$"):
            client.charge(Decimal("20.00"), "EUR", reference="r")

    def test_down(self):
        for trouble in (TimeoutError, ConnectionRefusedError):
            self.post.side_effect = trouble
            with self.assertRaises(client.GatewayDown):
                client.charge(Decimal("20.00"), "EUR", reference="r")
