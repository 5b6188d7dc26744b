"""Everyone on the list gets an invoice, and nobody else does."""

import pytest

from prodev.testbed import explain

NAMES = ["Ada", "Bola", "Chidi", "Dede", "Efe"]


@pytest.mark.task("everyone")
@pytest.mark.parametrize("line", ["{};{}", "{} ;{}", " {};{}", "{}; {}", "  {}  ;  {}  "])
def test_a_space_in_the_list_loses_nobody(candidate, rng, line):
    """A guest is found whatever spaces stand around the name and the address."""
    name = rng.choice(NAMES)
    address = f"{name.lower()}{rng.randint(1, 99)}@example.org"
    stored = line.format(name, address)

    seen = candidate.probe("send_the_invoices", lines=[stored], names=[name])

    assert seen["invoices"] == [f"To: {address}"], explain(
        did=f"I put the line {stored!r} on the list, and asked for the invoice of {name}.",
        saw=f"I saw {seen['error'] or seen['invoices']}; I expected ['To: {address}'].",
        why="The last line of a traceback is where it broke; the cause is where the wrong value came in.",
        look="What load_guests takes for the name and for the address of that line: print both with repr().",
    )


@pytest.mark.task("unknown")
@pytest.mark.parametrize("name", ["Bo", "bola", "Zainab", ""])
def test_a_stranger_is_an_error(candidate, name):
    """A name that is not on the list raises KeyError."""
    seen = candidate.probe("send_the_invoices", lines=["Ada;ada@example.org", "Bola;bola@example.org"], names=[name])

    assert (seen["error"] or "").startswith("KeyError"), explain(
        did=f"I asked for the invoice of {name!r}, who is not on the list.",
        saw=f"I saw {seen['error'] or seen['invoices']}; I expected a KeyError.",
        why="An error that is hushed is an invoice that goes to nobody, or to somebody else.",
        look="email_of: it should find the name that was asked for, and no other, or raise.",
    )
