"""A price that keeps its cents."""

import json
from decimal import Decimal, InvalidOperation

import pytest

from prodev.testbed import explain


def read(candidate):
    """Return the tag, or an empty one when it is not a JSON object."""
    try:
        tag = json.loads(candidate.text("tag.json"))
    except ValueError:
        return {}
    return tag if isinstance(tag, dict) else {}


def exactly(amount):
    """Return the amount as a Decimal, or None when it is not a string that holds one."""
    try:
        return Decimal(amount) if isinstance(amount, str) else None
    except InvalidOperation:
        return None


@pytest.mark.task("reads")
def test_names_the_listing(candidate):
    """The tag is JSON and names the lake cabin."""
    tag = read(candidate)

    assert tag.get("listing") == "Lake cabin", explain(
        did="I read tag.json",
        saw="I found no JSON object that names the 'Lake cabin'",
        why="A reader that cannot parse the tag shows no price at all",
        look="JSON allows no comma after the last value",
    )


@pytest.mark.task("exact")
def test_keeps_every_cent(candidate):
    """The amount reads as exactly 120.10."""
    amount = read(candidate).get("amount")

    assert exactly(amount) == Decimal("120.10"), explain(
        did="I read 'amount' as a decimal number",
        saw=f"I got {amount!r}, and it should be the string '120.10'",
        why="A number in JSON becomes a binary float, and binary floats lose cents",
        look="See lesson 'Half-open stays', section 'Now you'",
    )


@pytest.mark.task("currency")
def test_names_the_currency(candidate):
    """The currency is the ISO 4217 code of the euro."""
    currency = read(candidate).get("currency")

    assert currency == "EUR", explain(
        did="I read 'currency'",
        saw=f"I got {currency!r}, and the code of the euro is 'EUR'",
        why="Two programs that spell a currency in two ways cannot add up one invoice",
        look="ISO 4217 lists the codes",
    )
