"""One contract, two gateways: the candidate's fake, and a sandbox behind HTTP. Every call is played to both."""

import importlib.util
import sys
from pathlib import Path

import pytest

from prodev.testbed import explain
from prodev.testbed.payments import PaymentSandbox

HERE = Path(__file__).parent
REASONS = {"0002": "there is not enough money on it", "0069": "it has expired"}


def load(path):
    """Import a file of this exercise under a name of its own: other suites have a probes.py too."""
    spec = importlib.util.spec_from_file_location(f"fake_gateway_{path.stem}", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


HttpGateway, play = load(HERE.parent / "starter" / "gateway.py").HttpGateway, load(HERE / "probes.py").play


@pytest.fixture
def good(rng):
    return f"4242{rng.randrange(10**8):08}{rng.randint(1000, 9999)}"


@pytest.fixture
def cents(rng):
    return rng.randint(1000, 99_999)


@pytest.fixture
def keys(rng):
    booking = rng.randint(100, 999)
    return [f"booking-{booking + n}/1" for n in range(4)]


@pytest.mark.task("money")
def test_charges_and_lists(candidate, good, cents, keys):
    """Each charge is returned with an id of its own, and listed, the oldest first."""
    calls = [charge(cents, good, keys[0]), charge(1, good, keys[1]), charge(cents, good, keys[2]), LIST]

    agree(
        candidate,
        calls,
        [201, 201, 201, 200],
        why="Code that was tested with the fake reads what it returns: it must be a Charge, a new one each time.",
        look="What charge() returns and remembers, and where its ids come from.",
    )


@pytest.mark.task("money")
def test_refunds_in_parts(candidate, good, cents, keys):
    """A refund is added to what was refunded before, up to the whole charge, and the list shows it."""
    calls = [charge(cents, good, keys[0]), charge(cents, good, keys[1]), refund("#1", 400), LIST]
    calls += [refund("#1", cents - 400), refund("#2", cents), LIST]

    agree(
        candidate,
        calls,
        [201, 201, 201, 200, 201, 201, 200],
        why="A guest who cancels one night of three gets a third back, and perhaps the rest later.",
        look="What refund() does with the charge that it finds: refunded grows, cents and id stay.",
    )


@pytest.mark.task("money")
def test_no_such_charge(candidate, good, cents, keys):
    """A charge that nobody made cannot be refunded, whatever the amount."""
    calls = [charge(cents, good, keys[0]), refund("ch_none", 100), refund("ch_none", 0), LIST]

    agree(
        candidate,
        calls,
        [201, 404, 404, 200],
        why="A KeyError in a test and NotFound in production are two branches, and only one of them is tested.",
        look="refund() with an id that it does not know: NotFound, of gateway.py, before anything else.",
    )


@pytest.mark.task("declines")
@pytest.mark.parametrize("ending", REASONS)
def test_the_decline_branch_runs(candidate, cents, ending):
    """A guest with a card that the bank refuses reads why."""
    card, booking = f"400000000000{ending}", f"booking-{cents}"

    text = candidate.probe("check_out", cents=cents, card=card, booking=booking)

    assert REASONS[ending] in text, explain(
        did=f"I called checkout.pay(FakeGateway(), {cents}, card='{card}', booking='{booking}').",
        saw=f"The guest read '{text}' The sandbox says 402 to this card: your code's decline branch has never run."
        if "Thank you" in text
        else f"The guest read '{text}', and I expected that {REASONS[ending]}.",
        why="What no test has reached runs for the first time in front of a guest.",
        look="The last four digits of the card. Declined carries the bank's reason as its message.",
    )


@pytest.mark.task("declines")
@pytest.mark.parametrize("ending", REASONS)
def test_a_declined_card_is_not_charged(candidate, good, cents, keys, ending):
    """Any card with that ending is refused, without a charge, and the next card is charged."""
    calls = [charge(cents, good, keys[0]), charge(cents, f"{good[:-4]}{ending}", keys[1])]
    calls += [LIST, charge(cents, good, keys[2]), LIST]

    agree(
        candidate,
        calls,
        [201, 402, 200, 201, 200],
        why="A booking that is both refused and paid is found by the accountant, weeks later.",
        look="Which cards are declined: all that end so. And the order of your steps: ask whether the card is declined "
        "before you remember a charge.",
    )


@pytest.mark.task("declines")
@pytest.mark.parametrize("ending", REASONS)
def test_other_cards_are_not_declined(candidate, rng, cents, keys, ending):
    """Only the last four digits decide."""
    cards = [f"{ending}{ending}0000{rng.randint(1000, 9999)}", f"42424242{ending}{rng.randint(1000, 9999)}"]

    agree(
        candidate,
        [charge(cents, card, key) for card, key in zip(cards, keys, strict=False)],
        [201, 201],
        why="A fake that refuses what the real one takes makes people write code that nobody needs.",
        look="How you find the ending of a card: card[-4:].",
    )


@pytest.mark.task("keys")
def test_the_same_key_is_charged_once(candidate, good, cents, keys):
    """A request that is sent again gets the first answer, and makes no second charge."""
    calls = [charge(cents, good, keys[0]), charge(cents, good, keys[1]), charge(cents, good, keys[0]), LIST]

    agree(
        candidate,
        calls,
        [201, 201, 201, 200],
        why="Same key, two charges: a guest clicks twice, or a worker tries again after a timeout, and pays double. "
        "With such a fake, no test can notice.",
        look="What charge() looks up before it charges, and what it keeps under the key.",
    )


@pytest.mark.task("keys")
@pytest.mark.parametrize("other", ["cents", "card"])
def test_a_key_belongs_to_one_charge(candidate, good, cents, keys, other):
    """A key that comes again with something else is refused, and charges nothing."""
    changed = {"cents": cents + 1} if other == "cents" else {"card": good[:-1] + str((int(good[-1]) + 1) % 10)}
    calls = [charge(cents, good, keys[0]), charge(cents, good, keys[0]) | changed, LIST, charge(cents, good, keys[0])]

    agree(
        candidate,
        calls,
        [201, 409, 200, 201],
        why="It is a bug of the caller's, who would take the first answer for an answer to the second question.",
        look="What you remember beside the answer: the cents and the card that were asked for.",
    )


@pytest.mark.task("keys")
def test_a_refusal_is_an_answer_too(candidate, good, cents, keys):
    """The key of a declined card is declined again, and takes no other card."""
    poor = "4000000000000002"
    calls = [charge(cents, poor, keys[0]), charge(cents, poor, keys[0]), charge(cents, good, keys[0]), LIST]
    calls += [charge(cents, good, keys[1]), charge(cents, poor, keys[1])]

    agree(
        candidate,
        calls,
        [402, 402, 409, 200, 201, 409],
        why="checkout.py counts its attempts because of this: with the same key, a better card is no help.",
        look="What a key remembers when the bank refuses, and that a key is checked before the card.",
    )


@pytest.mark.task("keys")
def test_an_invalid_amount_uses_up_no_key(candidate, good, cents, keys):
    """After an amount that nobody can charge, the key is as good as new; and an amount is checked before the key."""
    calls = [charge(0, good, keys[0]), charge(cents, good, keys[0]), charge(-cents, good, keys[0]), LIST]

    agree(
        candidate,
        calls,
        [422, 201, 422, 200],
        why="The caller mends the amount and sends it again; a fake that says KeyReused sends them looking.",
        look="The order of the brief: amount, then key, then card.",
    )


@pytest.mark.task("keys")
def test_the_first_answer_stays_the_first(candidate, good, cents, keys):
    """What a key answers is what it answered first, whatever has been refunded since."""
    calls = [charge(cents, good, keys[0]), refund("#1", 300), charge(cents, good, keys[0]), LIST]

    agree(
        candidate,
        calls,
        [201, 201, 201, 200],
        why="The second answer is for somebody who has not heard the first one, and expects to hear that.",
        look="What you keep under the key: the answer, and not the id of a charge that changes.",
    )


@pytest.mark.task("amounts")
@pytest.mark.parametrize("amount", ["zero", "negative", "half a cent", "a float", "a text", "nothing"])
def test_refuses_to_charge(candidate, good, cents, keys, amount):
    """What is no whole number of cents from 1 on is not charged, whatever the card."""
    amounts = {"zero": 0, "negative": -cents, "half a cent": cents + 0.5, "a float": float(cents)}
    asked = amounts.get(amount, str(cents) if amount == "a text" else None)
    calls = [charge(asked, good, keys[0]), charge(asked, "4000000000000069", keys[1]), LIST]

    agree(
        candidate,
        calls,
        [422, 422, 200],
        why="A caller that mixes up euros and cents, or forgets a sign, is green with the fake and refused in "
        "production: run both under one contract.",
        look="What charge() checks before everything else.",
    )


@pytest.mark.task("amounts")
def test_refunds_no_more_than_is_left(candidate, good, cents, keys):
    """A refund that is more than what is left, or no amount, changes nothing."""
    calls = [charge(cents, good, keys[0]), refund("#1", cents + 1), refund("#1", 300), refund("#1", cents - 299)]
    calls += [refund("#1", -100), refund("#1", 0), refund("#1", 10.5), LIST, refund("#1", cents - 300)]
    calls += [refund("#1", 1), LIST]

    agree(
        candidate,
        calls,
        [201, 422, 201, 422, 422, 422, 422, 200, 201, 422, 200],
        why="Code that refunds twice is the dearest kind of wrong, and a fake that pays out whatever it is asked "
        "for lets it pass.",
        look="What refund() compares: charge.refunded + cents with charge.cents.",
    )


@pytest.mark.task("apart")
def test_two_fakes_are_two(candidate, good, cents, keys):
    """What one fake was asked, another one does not know."""
    calls = [charge(cents, good, keys[0]), charge(cents + 1, good, keys[1]), LIST]

    seen = candidate.probe("play_to_two", calls=calls)

    assert (seen["before"][0].get("charges"), seen["second"]) == ([], seen["first"]), explain(
        did=f"I made two fakes, played to the first {spelled(calls)}; asked the second one for charges(), "
        "and played the same to it.",
        saw=f"Before it was asked for anything, the second one answered {answered(seen['before'][0])}; in the end, the "
        f"first one had answered {answered(seen['first'][-1])}, the second one {answered(seen['second'][-1])}.",
        why="The fake of one test is full of the charges of another, and which ones depends on the order.",
        look="Dictionaries, lists and counters in the class body, at the top of the module, or as a default.",
    )


@pytest.mark.task("apart")
def test_what_is_handed_out_is_a_copy(candidate, good, cents, keys):
    """A caller that empties the list of charges empties its own."""
    seen = candidate.probe("spoil_what_is_handed_out", calls=[charge(cents, good, key) for key in keys])

    assert (seen["before"], seen["after"]) == (len(keys), len(keys)), explain(
        did=f"I made {len(keys)} charges, took the list from charges(), and emptied it.",
        saw=f"Your fake listed {seen['before']} charges before, and {seen['after']} after.",
        why="Nobody can empty the real one's memory from here: such a test would be about another gateway.",
        look="What charges() returns: a new list.",
    )


@pytest.mark.task("apart")
def test_opens_no_socket(candidate, good, cents, keys):
    """The fake answers without a network."""
    seen = candidate.probe("note_connections", calls=[charge(cents, good, keys[0]), refund("#1", 100), LIST])

    assert seen == [], explain(
        did="I refused every connection, charged, refunded and listed.",
        saw=f"Your fake set out for {', '.join(seen)}.",
        why="A fake that needs a server is slow, and red when the network is: that is what it was to replace.",
        look="Dictionaries, in place of whatever talks to somebody.",
    )


LIST = {"call": "charges"}


def charge(cents, card, key):
    return {"call": "charge", "cents": cents, "card": card, "key": key}


def refund(id, cents):
    return {"call": "refund", "id": id, "cents": cents}


def agree(candidate, calls, statuses, *, why, look):
    """Play ``calls`` to the sandbox and to the fake, and compare answer by answer."""
    with PaymentSandbox() as sandbox:
        theirs = play(HttpGateway(sandbox.url), calls)
    if [each["status"] for each in theirs] != statuses:
        raise RuntimeError(f"The sandbox does not keep the contract: {theirs}")

    yours = candidate.probe("play_to_your_fake", calls=calls)
    last = next((n for n, pair in enumerate(zip(theirs, yours, strict=True)) if pair[0] != pair[1]), 0)

    assert yours == theirs, explain(
        did=f"I played to the sandbox, and to your fake: {spelled(calls[: last + 1])}.",
        saw=f"To the last call, the sandbox says {answered(theirs[last])}, your fake says {answered(yours[last])}.",
        why=why,
        look=look,
    )


def spelled(calls):
    return ", then ".join(map(one_call, calls))


def one_call(call):
    if call["call"] == "charge":
        return f"charge({call['cents']!r}, card='{call['card']}', key={call['key']!r})"
    return f"refund({call['id']!r}, {call['cents']!r})" if call["call"] == "refund" else "charges()"


def answered(answer):
    if "charges" not in answer:
        if answer["status"] is None:
            return f"nothing that a gateway says: it raised {answer['reason']}"
        return f"{answer['status']} ({answer['kind']}{': ' if answer['reason'] else ''}{answer['reason']})"
    shown = ", ".join(answer["charges"])
    return f"{answer['status']} ({f'[{shown}]' if answer['kind'] == 'list' else shown})"
