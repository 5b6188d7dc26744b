"""A learner's tests pass on every correct stay.py, and fail on the broken ones."""

import dataclasses

import pytest

from prodev.testbed import explain

ORDINALS = """\
from datetime import date
from decimal import Decimal


def nights(check_in: date, check_out: date) -> int:
    count = check_out.toordinal() - check_in.toordinal()
    if count < 1:
        raise ValueError(f"no night between {check_in} and {check_out}")
    return count


def quote(check_in: date, check_out: date, *, nightly: Decimal, cleaning: Decimal) -> Decimal:
    count = nights(check_in, check_out)
    percent = 90 if count >= 7 else 100
    cents = count * nightly * percent + 100 * cleaning
    return Decimal(int(cents + Decimal("0.5"))).scaleb(-2)
"""
ONE_BY_ONE = """\
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal


class EmptyStay(ValueError):
    pass


def nights(check_in: date, check_out: date) -> int:
    night, count = check_in, 0
    while night < check_out:
        night, count = night + timedelta(days=1), count + 1
    if not count:
        raise EmptyStay("A stay has a night.")
    return count


def quote(check_in: date, check_out: date, *, nightly: Decimal, cleaning: Decimal) -> Decimal:
    price = nightly * nights(check_in, check_out)
    if (check_out - check_in).days > 6:
        price -= price / 10
    return (price + cleaning).quantize(Decimal("1.00"), ROUND_HALF_UP)
"""

OTHERS = {"one that counts in ordinal days": ORDINALS, "one that counts night by night": ONE_BY_ONE}

COUNT = "(check_out - check_in).days"
PRICE = "_discounted(stay * nightly, stay) + cleaning"
BROKEN_NIGHTS = {
    "the day of departure is counted as a night": (COUNT, f"{COUNT} + 1"),
    "a stay over a month end is counted wrong": (COUNT, "check_out.day - check_in.day"),
    "a stay from a day to that same day is accepted": ("check_out <= check_in", "check_out < check_in"),
    "a check-out before the check-in is accepted": ("check_out <= check_in", "check_out == check_in"),
    "dates in the wrong order raise TypeError instead of ValueError": ("raise ValueError", "raise TypeError"),
}
BROKEN_QUOTE = {
    "seven nights get no discount": ("stay >= 7", "stay > 7"),
    "eight nights and more get no discount": ("stay >= 7", "stay == 7"),
    "the discount is taken off the cleaning fee too": (PRICE, "_discounted(stay * nightly + cleaning, stay)"),
    "the cleaning fee is charged for every night": (PRICE, "_discounted(stay * nightly, stay) + stay * cleaning"),
    "half a cent is dropped": ("ROUND_HALF_UP", "ROUND_DOWN"),
}
ENOUGH = 4
WRONG_ERROR = "dates in the wrong order raise TypeError instead of ValueError"

RUNS = {}
"""By tests and implementation: the same pair runs once, however many tasks ask."""


@dataclasses.dataclass
class Run:
    """What became of each test on one implementation; ``trouble`` when they did not run to their end."""

    outcomes: dict[str, str]
    trouble: str = ""

    @property
    def is_complete(self):
        return bool(self.outcomes) and not self.trouble

    @property
    def is_perfect(self):
        return self.is_complete and len(self.passed) == len(self.outcomes)

    @property
    def passed(self):
        return {name for name, outcome in self.outcomes.items() if outcome == "passed"}


def run(candidate, stay):
    key = (candidate.text("test_stay.py"), stay)
    if key not in RUNS:
        candidate.fresh()
        try:
            seen = candidate.probe("run_your_tests", stay=stay)
            RUNS[key] = Run(seen["tests"], seen["trouble"])
        except AssertionError as error:
            RUNS[key] = Run({}, str(error).rstrip("."))
    return RUNS[key]


def given(candidate):
    return run(candidate, candidate.text("stay.py"))


def fair(candidate):
    """The tests that pass on every correct stay.py: only they can say that one is broken."""
    names = given(candidate).passed
    for stay in OTHERS.values():
        names = names and names & run(candidate, stay).passed
    return names


def unnoticed(candidate, broken):
    """The sentences about those versions in ``broken`` on which no fair test fails."""
    names, survivors = fair(candidate), []
    if not names:
        return list(broken)
    for sentence, (old, new) in broken.items():
        seen = run(candidate, candidate.text("stay.py").replace(old, new))
        if seen.trouble:
            survivors.append(f"{sentence} (there, your tests did not come to an end: {seen.trouble})")
        elif names <= seen.passed:
            survivors.append(sentence)
    return survivors


@pytest.mark.task("fair")
def test_pytest_finds_your_tests(candidate):
    """test_stay.py loads, ends, and holds tests."""
    seen = given(candidate)

    assert seen.is_complete, explain(
        did="I ran pytest on test_stay.py, beside the stay.py that you have.",
        saw=seen.trouble or "It found no test.",
        why="A suite that does not run is as quiet as one that passes.",
        look="The names (functions begin with test_, classes with Test), and the line that is named above, if any.",
    )


@pytest.mark.task("fair")
def test_pass_on_the_code_that_you_have(candidate):
    """Every test passes on the stay.py that you have."""
    seen = given(candidate)
    failed = sorted(seen.outcomes.keys() - seen.passed)

    assert not failed, explain(
        did=f"I ran your {counted(seen.outcomes)} on the stay.py that you have, which is correct.",
        saw=f"{listed(seen, failed)}.",
        why="A test that fails on correct code sends people looking for a bug that is not there.",
        look="The value that you expect: work it out by hand from the brief. `pytest` in this folder shows the same.",
    )


@pytest.mark.task("fair")
@pytest.mark.parametrize("which", OTHERS)
def test_pass_on_every_correct_version(candidate, which):
    """Every test passes on a stay.py that is correct and written differently."""
    seen = given(candidate) if given(candidate).trouble else run(candidate, OTHERS[which])
    failed = sorted(seen.outcomes.keys() - seen.passed)

    assert seen.is_perfect, explain(
        did=f"I ran your tests on another correct stay.py, {which}.",
        saw=f"You failed a correct implementation: {seen.trouble or listed(seen, failed) or 'no test ran'}.",
        why="Such a test breaks whenever somebody tidies up the code, and is soon deleted: test what it does, not how.",
        look="What your test asks for that the brief does not promise: private names, the words of a message, "
        "an exact class where a subclass would do.",
    )


@pytest.mark.task("fair")
def test_can_fail(candidate):
    """At least one test fails on at least one broken version."""
    broken = BROKEN_NIGHTS | BROKEN_QUOTE

    assert len(unnoticed(candidate, broken)) < len(broken), explain(
        did=f"I ran your tests on {len(broken)} versions of stay.py, each with a bug of its own.",
        saw="No test that passes on correct code failed on any of them.",
        why="A test that cannot fail is a comment that costs time.",
        look="What your tests assert: compare a result with a value that you worked out by hand.",
    )


@pytest.mark.task("nights")
def test_notice_what_is_wrong_with_nights(candidate):
    """At least four of five broken versions of nights() make a test fail."""
    survivors = unnoticed(candidate, BROKEN_NIGHTS)

    assert len(BROKEN_NIGHTS) - len(survivors) >= ENOUGH, explain(
        did=f"I ran your tests on {len(BROKEN_NIGHTS)} versions of stay.py, each with another bug in nights().",
        saw=tally(candidate, BROKEN_NIGHTS, survivors),
        why="Every bug in this list has charged somebody for a night too many, or too few.",
        look="The promises about nights() in the brief, one by one: which of them does no test of yours ask for?",
    )


@pytest.mark.task("quote")
def test_notice_what_is_wrong_with_quote(candidate):
    """At least four of five broken versions of quote() make a test fail."""
    survivors = unnoticed(candidate, BROKEN_QUOTE)

    assert len(BROKEN_QUOTE) - len(survivors) >= ENOUGH, explain(
        did=f"I ran your tests on {len(BROKEN_QUOTE)} versions of stay.py, each with another bug in quote().",
        saw=tally(candidate, BROKEN_QUOTE, survivors),
        why="Every bug in this list has sent out a wrong bill.",
        look="The promises about quote() in the brief, one by one, and each limit from both sides.",
    )


@pytest.mark.task("error")
def test_name_the_error(candidate):
    """A version that raises another error makes a test fail."""
    survivors = unnoticed(candidate, {WRONG_ERROR: BROKEN_NIGHTS[WRONG_ERROR]})

    assert not survivors, explain(
        did="I ran your tests on a stay.py that raises TypeError where ValueError is promised.",
        saw="TypeError passed as well: no test failed." if fair(candidate) else no_fair_test(candidate),
        why="The caller catches ValueError and shows the guest a sentence; a TypeError becomes an error 500.",
        look="pytest.raises(…): name the error that is promised. Exception is the parent of nearly all of them.",
    )


def tally(candidate, broken, survivors):
    if not fair(candidate):
        return no_fair_test(candidate)
    noticed = len(broken) - len(survivors)
    return f"They noticed {noticed} of {len(broken)}. Nobody noticed that {'; that '.join(survivors)}."


def no_fair_test(candidate):
    seen = given(candidate)
    reason = seen.trouble or ("no test that passes on every correct stay.py" if seen.outcomes else "no test at all")
    return f"There is nothing that could notice them: {reason}."


def listed(seen, names):
    shown = [f"{name} failed with '{seen.outcomes[name]}'" for name in names[:3]]
    return "; ".join(shown) + (f"; and {len(names) - 3} more" if len(names) > 3 else "")


def counted(outcomes):
    return "test" if len(outcomes) == 1 else f"{len(outcomes)} tests"
