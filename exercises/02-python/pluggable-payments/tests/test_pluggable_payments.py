"""The service pays by whatever fits, and knows no gateway by name."""

from decimal import Decimal

import pytest

from prodev.testbed import explain

CARD, WALLET = "CardGateway", "WalletGateway"
SENT = {
    (CARD, "charge"): lambda amount: ["create_charge", int(amount * 100), "booking 7", "int", "str"],
    (CARD, "refund"): lambda amount: ["refund_charge", "id-7", int(amount * 100), "str", "int"],
    (WALLET, "charge"): lambda amount: ["transfer", str(amount), "booking 7", "str", "str"],
    (WALLET, "refund"): lambda amount: ["reverse", "id-7", str(amount), "str", "str"],
}
every_gateway = pytest.mark.parametrize("gateway", [CARD, WALLET])
every_action = pytest.mark.parametrize("action", ["charge", "refund"])


@pytest.fixture
def amount(rng):
    """An amount whose cents a float gets wrong, such as 19.99."""
    cents = rng.choice([cents for cents in range(1_000, 99_999) if int(cents / 100 * 100) != cents])
    return Decimal(cents).scaleb(-2)


@pytest.mark.task("open")
def test_a_gateway_that_comes_later_is_used(candidate, rng, amount):
    """A gateway that nobody knew of when the service was written takes payments."""
    name = rng.choice(["momo", "paypoint", "giro", "swish"])

    seen = candidate.probe("pay_and_refund", methods=["card"], late=[name], pays=[[name, amount, "booking 7"]])
    (paid,) = seen["paid"]

    assert paid.get("value") == {"method": name, "id": f"{name}-1", "amount": amount}, explain(
        did=f"I registered a gateway for {name!r}, and paid {amount} by it.",
        saw=f"I registered {name!r} and the service did not know it: {ended(paid)}."
        if paid["raised"]
        else f"You {ended(paid)}.",
        why="Open for extension: next month's gateway is a new class and a line of configuration, "
        "not an edit of the code that moves money.",
        look="Whether pay knows names of methods. It should look them up in what was registered.",
    )


@pytest.mark.task("open")
def test_every_method_has_its_own_gateway(candidate, rng, amount):
    """Payments and refunds go to the gateway of their method, with what was given."""
    names = rng.sample(["card", "wallet", "momo", "giro"], 3)
    pays = [[name, amount + n, f"booking {n}"] for n, name in enumerate(names)]
    wanted = [[name, "charge", paid, reference] for name, paid, reference in pays]
    wanted += [[name, "refund", f"{name}-{n + 1}", amount + n] for n, name in enumerate(names)]

    seen = candidate.probe("pay_and_refund", methods=names[:2], late=names[2:], pays=pays)

    assert seen["calls"] == wanted, explain(
        did=f"I paid by {', '.join(names)}, in this order, and had each of the receipts refunded.",
        saw=f"The gateways were called so: {spelled(seen['calls'])}; I expected {spelled(wanted)}.",
        why="Money that was taken by one gateway cannot be given back by another.",
        look="What pay hands to charge, what it keeps in the receipt, and what refund makes of it.",
    )


@pytest.mark.task("open")
def test_an_unknown_method_is_told(candidate):
    """A method without a gateway raises UnknownMethod."""
    seen = candidate.probe("pay_and_refund", methods=["card"], late=[], pays=[["cheque", Decimal("1.00"), "booking"]])
    (paid,) = seen["paid"]

    assert "UnknownMethod" in paid["raised"], explain(
        did="I registered 'card' alone, and paid by 'cheque'.",
        saw=f"You {ended(paid)}; I expected UnknownMethod.",
        why="The web page turns UnknownMethod into a sentence for the guest; a KeyError becomes a page 500.",
        look="What pay does with a method that is not registered.",
    )


@pytest.mark.task("open")
def test_a_method_is_given_once(candidate):
    """A method that is taken raises ValueError, and keeps its gateway."""
    seen = candidate.probe("register_twice", method="card")

    assert ("ValueError" in seen["raised"], seen["charged"]) == (True, "first"), explain(
        did="I registered a second gateway for 'card', and paid by 'card'.",
        saw=f"You raised {(seen['raised'] or ['nothing'])[0]}, and the {seen['charged']} gateway was charged.",
        why="Two plug-ins that choose the same name would send the payments of one to the other, in silence.",
        look="register, when the method is there already.",
    )


@pytest.mark.task("open")
@pytest.mark.parametrize("error", ["PaymentRefused", "GatewayDown"])
def test_the_gateways_error_goes_on(candidate, error):
    """What a gateway raises, the caller gets: the very same object."""
    seen = candidate.probe("pay_with_an_error", error=error)

    assert seen["same"], explain(
        did=f"I paid by a gateway that raises {error}('as it was').",
        saw=f"The caller got {seen['text']}.",
        why="The caller decides whether to try again, and only the gateway knows why it failed.",
        look="Whatever catches errors in pay.",
    )


@pytest.mark.task("apart")
def test_the_service_uses_what_it_was_given(candidate, amount):
    """A service that was made with a gateway charges that one, without any other being there."""
    seen = candidate.probe("pay_and_refund", methods=["card", "wallet"], late=[], pays=charges(amount))
    who = [call[0] for call in seen["calls"] if call[1] == "charge"]

    assert who == ["card", "wallet"], explain(
        did="I took payments/gateways.py away, made a service with gateways of my own for 'card' and 'wallet', "
        f"and paid {amount} by each.",
        saw=f"My gateways were charged {len(who)} times; you {'; '.join(map(ended, seen['paid']))}.",
        why="Dependency inversion: I passed a fake, and a service that makes its own gateway would have called the "
        "real one, in a test, with real money.",
        look="Imports of payments.gateways, at the top and inside of functions, and who makes the gateways.",
    )


@pytest.mark.task("apart")
def test_two_services_are_two(candidate):
    """What one service has registered, another one does not know."""
    raised = candidate.probe("two_services")

    assert "UnknownMethod" in raised, explain(
        did="I made two services, registered 'momo' with the first, and paid by 'momo' at the second.",
        saw=f"The second one raised {raised[0]}." if raised else "The second one took the payment.",
        why="What a test registers would be there in the next one, and in the shop.",
        look="A dictionary in the class body, at the top of the module, or as a default.",
    )


@pytest.mark.task("complete")
@pytest.mark.parametrize("by", ["register", "PaymentService"])
@pytest.mark.parametrize("kind", ["OnlyCharges", "OnlyRefunds", "Inherits", "InheritsRefund"])
def test_an_incomplete_gateway_is_refused(candidate, kind, by):
    """A gateway that lacks a method does not get in."""
    lacks = "refund" if kind in ("OnlyCharges", "Inherits") else "charge"
    what = "subclass of Gateway" if kind.startswith("Inherits") else "class"

    raised = candidate.probe("admit", kind=kind, by=by)

    assert "TypeError" in raised, explain(
        did=f"I made an object of a {what} without {lacks}(), and handed it to {by}.",
        saw=f"You raised {raised[0]}; I expected TypeError."
        if raised
        else f"A gateway without {lacks}() was accepted, until a customer asks for one.",
        why="A base class whose methods are empty lends them to whoever forgets to write them: "
        "the refund does nothing, and says nothing.",
        look="What you ask of an object before it gets in, and @abstractmethod for those who inherit.",
    )


@pytest.mark.task("contract")
@every_action
@every_gateway
def test_a_gateway_asks_its_vendor(candidate, gateway, action, amount):
    """The vendor is asked once, for the exact amount, and a charge returns its id."""
    given = [amount, "booking 7"] if action == "charge" else ["id-7", amount]
    wanted = [SENT[gateway, action](amount)]
    id = {CARD: "ch-7", WALLET: "w-7"}[gateway] if action == "charge" else None

    seen = candidate.probe("ask_gateway", gateway=gateway, action=action, given=given)

    assert (seen["calls"], seen["raised"]) == (wanted, []) and seen.get("value") == id, explain(
        did=f"I called {gateway}(client).{action}({', '.join(map(repr, given))}).",
        saw=f"The client was asked {spelled(seen['calls'])}, and you {ended(seen)}; "
        f"I expected {spelled(wanted)}, and {id!r}.",
        why="Both vendors hold the same money: 19.99 is 1999 cents for the one and '19.99' for the other; "
        "as a float it makes 1998.",
        look="The table of the brief, and int(amount * 100), which is exact for a Decimal only.",
    )


@pytest.mark.task("contract")
@every_action
@every_gateway
def test_a_refusal_is_told_in_the_words_of_the_service(candidate, gateway, action, amount):
    """When the vendor refuses, the gateway raises PaymentRefused with its reason."""
    given = [amount, "booking 7"] if action == "charge" else ["id-7", amount]
    cause = "Declined" if gateway == CARD else "NoneType"

    seen = candidate.probe("ask_gateway", gateway=gateway, action=action, given=given, behaviour="refuses")
    said = "PaymentRefused" in seen["raised"] and "no money on it" in seen["text"] and seen["cause"] == cause

    assert said, explain(
        did=f"I called {gateway}(client).{action}(…), and the vendor refused: 'no money on it'.",
        saw=f"You {ended(seen)}, caused by {seen.get('cause')}; I expected PaymentRefused: no money on it, "
        f"caused by {'the Declined' if gateway == CARD else 'nothing'}.",
        why="Substitution: a caller that handles PaymentRefused must be able to handle every gateway. "
        "A vendor's own exception, or a refusal that nobody reads, gets past it.",
        look="Where the vendor's refusal reaches your code: as an exception, or as a status. refund has it too.",
    )


@pytest.mark.task("contract")
@every_action
@every_gateway
def test_a_vendor_out_of_reach_is_told_too(candidate, gateway, action, amount):
    """When the vendor cannot be reached, the gateway raises GatewayDown from its error."""
    given = [amount, "booking 7"] if action == "charge" else ["id-7", amount]

    seen = candidate.probe("ask_gateway", gateway=gateway, action=action, given=given, behaviour="is down")

    assert "GatewayDown" in seen["raised"] and seen["cause"] == "ConnectionResetError", explain(
        did=f"I called {gateway}(client).{action}(…), and the client raised ConnectionResetError('reset by peer').",
        saw=f"You {ended(seen)}, caused by {seen.get('cause')}; "
        "I expected GatewayDown, caused by ConnectionResetError.",
        why="Only what is called GatewayDown is tried again: under another name it costs the booking.",
        look="except ConnectionError as error: raise … from error, in charge and in refund.",
    )


@pytest.mark.task("contract")
def test_both_gateways_fit_the_service(candidate):
    """The service takes both gateways."""
    seen = candidate.probe("gateways_fit")

    assert seen.get("value") == "fits", explain(
        did="I made PaymentService({'card': CardGateway(client), 'wallet': WalletGateway(client)}).",
        saw=f"You {ended(seen)}.",
        why="The two sides of the protocol have to be the same protocol.",
        look="The names of the methods on both sides.",
    )


def charges(amount):
    return [["card", amount, "booking 7"], ["wallet", amount, "booking 8"]]


def ended(seen):
    return f"raised {seen['text']}" if seen["raised"] else f"returned {seen['value']!r}"


def spelled(calls):
    return "; ".join(f"{' '.join(map(str, call))}" for call in calls) or "nothing"
