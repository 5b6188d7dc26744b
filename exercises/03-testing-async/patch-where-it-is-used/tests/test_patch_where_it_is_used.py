"""A learner's tests reach no gateway, pass on every correct client.py, and fail on the broken ones."""

import dataclasses

import pytest

from prodev.testbed import explain

BY_SCALE = """\
from decimal import Decimal

from transport import post

GATEWAY = "https://pay.staybook.example"


class Declined(Exception):
    pass


class GatewayDown(Exception):
    pass


class NoAnswer(GatewayDown):
    pass


def charge(amount: Decimal, currency: str, *, reference: str) -> str:
    body = dict(amount=int(amount.scaleb(2)), currency=currency, reference=reference)
    try:
        answer = post(GATEWAY + "/charges", timeout=5.0, headers={"Idempotency-Key": reference}, json=body)
    except OSError as error:
        raise NoAnswer(f"{GATEWAY} did not answer: {error}") from error
    match answer.status:
        case 201:
            return answer.json["id"]
        case 402:
            raise Declined(answer.json["reason"])
    raise GatewayDown(f"{GATEWAY} answered {answer.status}")
"""
BY_OBJECT = """\
from decimal import Decimal

from transport import post

GATEWAY = "https://pay.staybook.example"


class PaymentError(Exception):
    pass


class Declined(PaymentError):
    pass


class GatewayDown(PaymentError, ConnectionError):
    pass


class _Gateway:
    def __init__(self, url):
        self._url = url

    def ask(self, path, **given):
        try:
            return post(f"{self._url}{path}", **given)
        except OSError:
            raise GatewayDown from None


def charge(amount: Decimal, currency: str, *, reference: str) -> str:
    euros, cents = divmod(round(amount * 100), 100)
    sent = {"reference": reference, "currency": currency, "amount": 100 * euros + cents}
    answer = _Gateway(GATEWAY).ask("/charges", json=sent, headers={"Idempotency-Key": reference}, timeout=5)
    if answer.status not in (201, 402):
        raise GatewayDown
    if answer.status == 402:
        raise Declined(answer.json["reason"])
    return answer.json["id"]
"""
OTHERS = {"one that scales the amount": BY_SCALE, "one that asks by an object": BY_OBJECT}

JSON = '            json={"amount": int(amount * 100), "currency": currency, "reference": reference},\n'
TWICE = "[post(url, **given) for _ in range(2)][-1]"
WRONG_CALLS = {
    "the mutant that charges 1 cent": ("int(amount * 100)", "1"),
    "the mutant that forgets the cents": ("int(amount * 100)", "int(amount) * 100"),
    "the mutant that charges every currency as EUR": ('"currency": currency', '"currency": "EUR"'),
    "the mutant that uses one idempotency key for all charges": ('-Key": reference', '-Key": "charge"'),
    "the mutant that asks for a refund": ("/charges", "/refunds"),
    "the mutant that charges twice": ("answer = post(", f"answer = (lambda url, **given: {TWICE})("),
}
REFUSED_CALLS = {
    "charge() loses its amount argument: post() without json=": (JSON, ""),
    "charge() hands post() a retries= that it does not take": ("timeout=5", "timeout=5, retries=3"),
}
WRONG_ANSWERS = {
    "a declined card counts as paid": ('raise Declined(answer.json["reason"])', 'return answer.json.get("id", "")'),
    "a gateway that does not answer leaves as TimeoutError": ("except OSError", "except ValueError"),
    "the reference comes back instead of the gateway's id": ('return answer.json["id"]', "return reference"),
}
ALL = WRONG_CALLS | REFUSED_CALLS | WRONG_ANSWERS

RUNS = {}
"""By tests and implementation: the same pair runs once, however many tasks ask."""


@dataclasses.dataclass
class Run:
    """What became of each test on one client.py, and who tried to reach what."""

    outcomes: dict[str, str]
    trouble: str = ""
    tried: list[list[str]] = dataclasses.field(default_factory=list)

    @property
    def is_complete(self):
        return bool(self.outcomes) and not self.trouble

    @property
    def passed(self):
        return {name for name, outcome in self.outcomes.items() if outcome == "passed"}

    @property
    def failed(self):
        return sorted(self.outcomes.keys() - self.passed)


def run(candidate, client):
    key = (candidate.text("test_client.py"), client)
    if key not in RUNS:
        candidate.fresh()
        try:
            seen = candidate.probe("run_your_tests", client=client)
            RUNS[key] = Run(seen["tests"], seen["trouble"], seen["tried"])
        except AssertionError as error:
            RUNS[key] = Run({}, str(error).rstrip("."))
    return RUNS[key]


def given(candidate):
    return run(candidate, candidate.text("client.py"))


def fair(candidate):
    """The tests that pass on every correct client.py and reach nothing: only they can say that one is broken."""
    seen = given(candidate)
    names = seen.passed - {who for who, _ in seen.tried}
    for client in OTHERS.values():
        names = names and names & run(candidate, client).passed
    return names


def unnoticed(candidate, broken):
    """The sentences about those versions in ``broken`` on which no fair test fails."""
    names = fair(candidate)
    if not names:
        return list(broken)
    survivors = []
    for sentence, (old, new) in broken.items():
        seen = run(candidate, candidate.text("client.py").replace(old, new))
        if seen.trouble:
            survivors.append(f"{sentence} (there, your tests did not come to an end: {seen.trouble})")
        elif names <= seen.passed:
            survivors.append(sentence)
    return survivors


@pytest.mark.task("sockets")
def test_reach_no_gateway(candidate):
    """No test opens a socket."""
    seen = given(candidate)

    assert (seen.is_complete, seen.tried) == (True, []), explain(
        did="I ran your tests on the client.py that you have, refused every connection, and wrote it down.",
        saw=f"A real socket was opened: {reached(seen.tried)}." if seen.tried else f"{seen.trouble or 'No test ran'}.",
        why="With the real gateway at the other end, that was a guest's money, on every push.",
        look="The name that you patch, if you patch one: client.py has said `from transport import post`, so charge() "
        "looks for post in client, and what transport.post is by then does not reach it.",
    )


@pytest.mark.task("fair")
def test_pass_on_the_code_that_you_have(candidate):
    """There are tests, and they pass on the client.py that you have."""
    seen = given(candidate)

    assert seen.is_complete and not seen.failed, explain(
        did="I ran pytest on test_client.py, beside the client.py that you have, which is correct.",
        saw=seen.trouble or (listed(seen) if seen.failed else "It found no test") + ".",
        why="A test that fails on correct code sends people looking for a bug that is not there.",
        look="What the failure names. `pytest test_client.py` in this folder shows the same.",
    )


@pytest.mark.task("fair")
@pytest.mark.parametrize("which", OTHERS)
def test_pass_on_every_correct_version(candidate, which):
    """Every test passes on a client.py that is correct and written differently."""
    seen = run(candidate, OTHERS[which])

    assert seen.is_complete and not seen.failed, explain(
        did=f"I ran your tests on another correct client.py, {which}.",
        saw=f"You failed a correct implementation: {seen.trouble or listed(seen) or 'no test ran'}.",
        why="Such a test breaks whenever somebody tidies up the code, and is soon deleted.",
        look="What your test asks for that the brief does not promise: private names, the words of GatewayDown, "
        "an exact class where a subclass would do.",
    )


@pytest.mark.task("fair")
def test_can_fail(candidate):
    """At least one test fails on at least one broken version."""
    assert len(unnoticed(candidate, ALL)) < len(ALL), explain(
        did=f"I ran your tests on {len(ALL)} versions of client.py, each with a bug of its own.",
        saw="No test that passes on correct code, without a socket, failed on any of them.",
        why="A test whose subject is a mock tests the mock: charge() itself must run.",
        look="Which name you patch: post, which charge() calls, and not charge.",
    )


@pytest.mark.task("arguments")
def test_notice_a_wrong_call(candidate):
    """Each of six versions that ask the gateway for something else makes a test fail."""
    survivors = unnoticed(candidate, WRONG_CALLS)

    assert not survivors, explain(
        did=f"I ran your tests on {len(WRONG_CALLS)} versions of client.py that ask the gateway for something else.",
        saw=no_fair_test(candidate) or f"{capital('; '.join(survivors))} survived: no test of yours failed.",
        why="That a mock was called says nothing about what it was asked: assert the arguments.",
        look="assert_called_once_with(…), or what your fake has noted; and examples that differ from each other, "
        "in amount, currency and reference.",
    )


@pytest.mark.task("shape")
def test_notice_a_call_that_the_real_one_refuses(candidate):
    """Each of two versions whose call the real post() would refuse makes a test fail."""
    survivors = unnoticed(candidate, REFUSED_CALLS)

    assert not survivors, explain(
        did=f"I ran your tests on {len(REFUSED_CALLS)} versions of client.py whose call of post() is a TypeError.",
        saw=no_fair_test(candidate) or f"Your tests pass when {'; and when '.join(survivors)}.",
        why="A bare Mock() takes any call. The tests are green, and the first guest gets an error 500.",
        look="autospec=True in mock.patch (spec=True checks attributes, not calls), mock.create_autospec(post), "
        "or a fake whose parameters are those of post().",
    )


@pytest.mark.task("answers")
def test_notice_an_answer_that_is_handled_wrongly(candidate):
    """Each of three versions that make something else of an answer makes a test fail."""
    survivors = unnoticed(candidate, WRONG_ANSWERS)

    assert not survivors, explain(
        did=f"I ran your tests on {len(WRONG_ANSWERS)} versions of client.py that make something else of an answer.",
        saw=no_fair_test(candidate) or f"No test of yours noticed that {'; that '.join(survivors)}.",
        why="The gateway that says no, or nothing, is where the money goes wrong, and you cannot order it to.",
        look="A mock can: return_value = Response(402, …), side_effect = TimeoutError.",
    )


def no_fair_test(candidate):
    if fair(candidate):
        return ""
    seen = given(candidate)
    reason = seen.trouble or (
        "no test passes on every correct client.py without opening a socket" if seen.outcomes else "there is no test"
    )
    return f"Nothing could notice them: {reason}."


def reached(tried):
    shown = [f"{who} set out for {place}" for who, place in dict(tried).items()]
    return "; ".join(shown[:3]) + (f"; and {len(shown) - 3} more" if len(shown) > 3 else "")


def listed(seen):
    shown = [f"{name} failed with '{seen.outcomes[name]}'" for name in seen.failed[:3]]
    return "; ".join(shown) + (f"; and {len(seen.failed) - 3} more" if len(seen.failed) > 3 else "")


def capital(text):
    return text[0].upper() + text[1:]
