"""Retries heal what heals, at a decent distance, and end."""

import pytest

from prodev.testbed import explain

DOWN = [("ConnectionError", "refused")]
MOST_TRIES = 40


def down_then(*outcomes, failures):
    """A gateway that is down for a few tries, and then does something else."""
    return [("ConnectionError", f"refused, try {n + 1}") for n in range(failures)] + list(outcomes)


@pytest.mark.task("tries-again")
def test_tries_until_it_works(candidate, rng):
    """An operation that fails a few times and then works gives its value."""
    failures, receipt = rng.randint(1, 3), f"receipt {rng.randint(100, 999)}"
    script = down_then(("returns", receipt), failures=failures)

    seen = candidate.probe("retry_an_operation", script=script)

    assert (seen["value"], seen["calls"]) == (receipt, failures + 1), explain(
        did=f"I handed you an operation that raises ConnectionError {times(failures)} and then returns {receipt!r}.",
        saw=f"You called it {times(seen['calls'])} and {ending(seen)}; "
        f"I expected {times(failures + 1)} and {receipt!r}.",
        why="A connection that drops for a second should cost the guest a second, not the booking.",
        look="The way back from your `except` to the next call of `operation`.",
    )


@pytest.mark.task("tries-again")
@pytest.mark.parametrize("value", [None, 0, "", []], ids=repr)
def test_whatever_comes_back_is_the_answer(candidate, value):
    """An operation that returns nothing has worked all the same."""
    seen = candidate.probe("retry_an_operation", script=[("returns", value)])

    assert (seen["calls"], seen["value"], seen["error"]) == (1, value, None), explain(
        did=f"I handed you an operation that returns {value!r} at its first call.",
        saw=f"You called it {times(seen['calls'])} and {ending(seen)}.",
        why="A charge that returns None has been made: to call it again charges the guest twice.",
        look="The line that decides whether a try has worked. Only an exception is a failure.",
    )


@pytest.mark.task("tries-again")
def test_attempts_counts_every_try(candidate, rng):
    """`attempts` is the number of calls, the first one included."""
    for attempts in (1, rng.randint(2, 6)):
        seen = candidate.probe("retry_an_operation", script=DOWN, attempts=attempts)

        assert seen["calls"] == attempts, explain(
            did=f"I handed you an operation that always raises ConnectionError, with attempts={attempts}.",
            saw=f"You called it {times(seen['calls'])}.",
            why="One try too many is load on a service that is down; one too few is a booking lost.",
            look="The condition that ends your loop: attempts counts all tries, the first one too.",
        )


@pytest.mark.task("tries-again")
def test_four_tries_unless_told_otherwise(candidate):
    """Without a setting, there are four tries."""
    seen = candidate.probe("retry_an_operation", script=DOWN)

    assert seen["calls"] == 4, explain(
        did="I handed you an operation that always raises ConnectionError, and set nothing.",
        saw=f"You called it {times(seen['calls'])}; the default of attempts is 4.",
        why="Callers rely on the defaults that they read in your signature.",
        look="The signature of retry: keep its names and defaults as the starter has them.",
    )


@pytest.mark.task("transient")
def test_what_does_not_heal_leaves_at_once(candidate, rng):
    """An error that nobody listed is not tried again, and leaves as it is."""
    card = f"bad card {rng.randint(1000, 9999)}"

    seen = candidate.probe("retry_an_operation", script=[("ValueError", card)])

    assert (seen["calls"], is_last(seen)) == (1, True), explain(
        did=f"I handed you an operation that raises ValueError({card!r}).",
        saw=f"ValueError({card!r}) was tried {times(seen['calls'])}, and you {ending(seen)}; "
        "I expected one try, and that very error to leave.",
        why="A wrong card does not heal, and a bank that sees it six times blocks it.",
        look="What your `except` catches. `transient` lists what may be tried again, and nothing else may.",
    )


@pytest.mark.task("transient")
def test_what_does_not_heal_leaves_later_too(candidate):
    """After a transient error, an error of another kind still leaves as it is."""
    seen = candidate.probe("retry_an_operation", script=down_then(("ValueError", "bad card"), failures=1))

    assert (seen["calls"], is_last(seen)) == (2, True), explain(
        did="I handed you an operation that raises ConnectionError first, then ValueError('bad card').",
        saw=f"You called it {times(seen['calls'])} and {ending(seen)}; I expected 2 calls and the ValueError.",
        why="The second try told you that the card is wrong: the caller has to hear that, and at once.",
        look="Whether the second call of `operation` stands under the same `except` as the first.",
    )


@pytest.mark.task("transient")
def test_a_kind_of_a_transient_error_is_transient(candidate):
    """A subclass of a listed error is tried again."""
    seen = candidate.probe(
        "retry_an_operation", script=[("ConnectionResetError", "reset by peer"), ("returns", "receipt")]
    )

    assert (seen["calls"], seen["value"]) == (2, "receipt"), explain(
        did="I raised ConnectionResetError, which is a kind of ConnectionError, and then returned 'receipt'.",
        saw=f"You called the operation {times(seen['calls'])} and {ending(seen)}.",
        why="Libraries raise the precise error; callers list the general one.",
        look="How you compare an error with `transient`: isinstance and `except` know subclasses, == does not.",
    )


@pytest.mark.task("transient")
def test_the_caller_says_what_is_transient(candidate):
    """The caller's own list replaces the default one."""
    busy = candidate.probe(
        "retry_an_operation", script=[("GatewayBusy", "later"), ("returns", "receipt")], transient=["GatewayBusy"]
    )
    down = candidate.probe("retry_an_operation", script=DOWN, transient=["GatewayBusy"])

    assert (busy["calls"], busy["value"], down["calls"], is_last(down)) == (2, "receipt", 1, True), explain(
        did="I passed transient=(GatewayBusy,) and raised GatewayBusy once; then, in another run, ConnectionError.",
        saw=f"After GatewayBusy you {ending(busy)}, with {times(busy['calls'], 'call')}; "
        f"after ConnectionError you {ending(down)}, with {times(down['calls'], 'call')}.",
        why="Only the caller knows which of the gateway's errors heal.",
        look="Every place where your code names an exception class: it should say `transient`.",
    )


@pytest.mark.task("transient")
def test_ctrl_c_is_nobodys_to_retry(candidate):
    """An interrupt ends the affair at once."""
    seen = candidate.probe("retry_an_operation", script=[("KeyboardInterrupt", ""), ("returns", "receipt")])

    assert (seen["calls"], is_last(seen)) == (1, True), explain(
        did="I pressed Ctrl-C while your operation ran (KeyboardInterrupt).",
        saw=f"You called the operation {times(seen['calls'])} and {ending(seen)}.",
        why="A program that retries its own interruption can only be killed.",
        look="A bare `except:`, or `except BaseException`.",
    )


@pytest.mark.task("delays")
def test_waits_by_the_sleep_that_it_was_handed(candidate):
    """A failure is followed by one call of `sleep`."""
    seen = candidate.probe("retry_an_operation", script=down_then(("returns", "receipt"), failures=1))

    assert (len(seen["waits"]), seen["real_waits"]) == (1, 0), explain(
        did="I handed you a `sleep` that notes its seconds, and an operation that fails once and then works.",
        saw=f"You waited {waited(seen)}; I expected one wait, by that `sleep`.",
        why="With no wait at all the second try meets the same fault; with time.sleep every test takes real seconds.",
        look="The line between two tries: it calls sleep(…), the argument, once.",
    )


@pytest.mark.task("delays")
def test_fifty_clients_spread_out(candidate, rng):
    """Clients that fail together do not come back together."""
    draws = [rng.random() for _ in range(50)]

    waits = candidate.probe("retry_for_many", draws=draws, base_s=0.4)
    moments = {round(wait * 1000) for wait in waits}

    assert len(moments) > 25, explain(
        did="I let 50 clients fail at the same moment, each with a draw() of its own, and noted when they came back.",
        saw=f"All 50 clients woke in the same millisecond, after {min(waits):.3f} s."
        if len(moments) == 1
        else f"50 clients woke in {len(moments)} different milliseconds.",
        why="A service that has just got up is knocked down again by all of them at once.",
        look="The primer of the brief: full jitter. The wait is draw() times the limit.",
    )


@pytest.mark.task("delays")
def test_waits_a_share_of_a_limit_that_doubles(candidate, rng):
    """Each wait is draw() times the limit, and the limit doubles up to the cap."""
    draws, base, cap = [rng.random() for _ in range(6)], rng.choice([0.125, 0.25]), rng.choice([0.9, 1.3])
    limits = [min(cap, base * 2**n) for n in range(6)]
    settings = {"base_s": base, "cap_s": cap, "attempts": 7, "deadline_s": 1000.0}

    seen = candidate.probe("retry_an_operation", script=DOWN, draws=draws, **settings)

    assert seen["waits"] == pytest.approx([d * limit for d, limit in zip(draws, limits, strict=True)]), explain(
        did=f"I let 7 tries fail with base_s={base}, cap_s={cap}; draw() returned {figures(draws)}.",
        saw=f"You waited {waited(seen)}; the limits are {figures(limits)}, "
        f"and a share of each makes {figures(d * limit for d, limit in zip(draws, limits, strict=True))}.",
        why="Too short a wait keeps a sick service down; a wait after the last try makes the guest wait for nothing.",
        look="The formula in the brief: which limit belongs to which wait, what the cap bounds, "
        "and how many waits lie between 7 tries.",
    )


@pytest.mark.task("delays")
def test_waits_by_the_defaults(candidate):
    """Without settings the limit begins at 0.1 s and ends at 2 s."""
    seen = candidate.probe("retry_an_operation", script=DOWN, attempts=8, draws=[0.5])
    wanted = [0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0]

    assert seen["waits"] == pytest.approx(wanted), explain(
        did="I let 8 tries fail, set nothing else, and let draw() return 0.5 each time.",
        saw=f"You waited {waited(seen)}; I expected {figures(wanted)}.",
        why="Callers rely on the defaults that they read in your signature.",
        look="The signature (base_s=0.1, cap_s=2.0), then the formula in the brief.",
    )


@pytest.mark.task("gives-up")
def test_giving_up_is_an_error(candidate, rng):
    """When the last try has failed, the caller gets GaveUp."""
    attempts = rng.randint(2, 5)

    seen = candidate.probe("retry_an_operation", script=DOWN, attempts=attempts)

    assert gave_up(seen), explain(
        did=f"I let all {attempts} tries fail with ConnectionError.",
        saw=f"You {ending(seen)}; I expected GaveUp to be raised.",
        why=f"{attempts} failures, and the caller thinks it worked: the guest is told 'booked'."
        if seen["error"] is None
        else "A caller who catches GaveUp, as your signature promises, misses this one.",
        look="What happens in your function after the last failure.",
    )


@pytest.mark.task("gives-up")
def test_the_last_error_is_the_cause(candidate, rng):
    """GaveUp carries the last error as its cause, the object itself."""
    attempts = rng.randint(3, 5)

    seen = candidate.probe("retry_an_operation", script=down_then(failures=attempts), attempts=attempts)

    assert gave_up(seen, because_of_the_last=True), explain(
        did=f"I let {attempts} tries fail; the last one with ConnectionError('refused, try {attempts}').",
        saw=f"You {ending(seen)}, and its __cause__ is {(seen['error'] or {}).get('cause')}; "
        "I expected that last error.",
        why="'Gave up' alone sends whoever is on call looking; the last error says what is broken now.",
        look="raise GaveUp(…) from the error of the last try, not from a text, a copy or the first error.",
    )


@pytest.mark.task("deadline")
def test_begins_no_wait_that_ends_too_late(candidate, rng):
    """A wait that would end after the deadline is not begun."""
    deadline = rng.choice([3.0, 5.0, 6.5])
    waits = waits_that_fit([0.5, 1.0, 2.0, 4.0, 8.0], deadline)

    seen = slow_gateway(candidate, deadline)

    assert (seen["waits"], seen["calls"]) == (pytest.approx(waits), len(waits) + 1), explain(
        did=f"I set deadline_s={deadline}; every try failed at once, the limits were 0.5, 1, 2, 4… s, draw() gave 1.",
        saw=f"You tried {times(seen['calls'])} and waited {waited(seen)} ({sum(seen['waits']):g} s in all); "
        f"I expected {len(waits) + 1} tries and the waits {figures(waits)}.",
        why="Whoever asked has left by then: the wait costs a worker, and the answer reaches nobody.",
        look="When you look at the clock. The time to give up is before a wait that ends too late, not after it.",
    )


@pytest.mark.task("deadline")
def test_time_spent_trying_counts(candidate, rng):
    """The seconds that a try hangs belong to the deadline as well."""
    takes = rng.choice([1.25, 2.25])
    waits = waits_that_fit([0.5, 1.0, 2.0, 4.0, 8.0], 10.0, takes)

    seen = slow_gateway(candidate, 10.0, takes)

    assert seen["waits"] == pytest.approx(waits), explain(
        did=f"I set deadline_s=10; every try hung for {takes} s and failed; the limits: 0.5, 1, 2… s; draw() gave 1.",
        saw=f"You waited {waited(seen)}; I expected {figures(waits)}. Your last try began "
        f"{sum(seen['waits']) + takes * (seen['calls'] - 1):g} s after the call.",
        why="A gateway that hangs is the usual way to be down, and then the tries take longer than the waits.",
        look="What you compare with deadline_s: `clock()` knows the time that has really passed, "
        "a sum of your waits does not.",
    )


@pytest.mark.task("deadline")
def test_a_wait_may_end_on_the_deadline(candidate):
    """A wait that ends exactly at the deadline is still begun."""
    seen = slow_gateway(candidate, 3.5)

    assert seen["waits"] == pytest.approx([0.5, 1.0, 2.0]), explain(
        did="I set deadline_s=3.5; every try failed at once, the limits were 0.5, 1, 2, 4… s, draw() gave 1.",
        saw=f"You waited {waited(seen)}; the third wait ends 3.5 s after the call, which is not after the deadline.",
        why="An end that one side counts in and the other counts out is the oldest error in every booking.",
        look="`>` or `>=` where you compare with the deadline.",
    )


@pytest.mark.task("deadline")
def test_ten_seconds_unless_told_otherwise(candidate):
    """Without a setting, the deadline is ten seconds after the call."""
    seen = candidate.probe("retry_an_operation", script=DOWN, draws=[1.0], base_s=0.5, cap_s=0.5, attempts=MOST_TRIES)

    assert len(seen["waits"]) == 20, explain(
        did=f"I allowed {MOST_TRIES} tries and set no deadline; every limit was 0.5 s, draw() gave 1.",
        saw=f"You waited {times(len(seen['waits']))}, {sum(seen['waits']):g} s in all; the default is 10 s.",
        why="Callers rely on the defaults that they read in your signature.",
        look="The signature of retry: keep its names and defaults as the starter has them.",
    )


def slow_gateway(candidate, deadline, takes=0.0):
    # draw() gives 1, so that a wrong share of the limit is a matter of the delays alone.
    settings = {"base_s": 0.5, "cap_s": 100.0, "attempts": 20, "deadline_s": deadline}
    return candidate.probe("retry_an_operation", script=DOWN, draws=[1.0], takes_s=takes, **settings)


def waits_that_fit(waits, deadline, takes=0.0):
    fitting, now = [], takes
    for wait in waits:
        if now + wait > deadline:
            break
        fitting.append(wait)
        now += wait + takes
    return fitting


def is_last(seen):
    return seen["error"] is not None and seen["error"]["is_last"]


def gave_up(seen, *, because_of_the_last=False):
    error = seen["error"] or {"gave_up": False}
    return error["gave_up"] and (error["cause_is_last"] or not because_of_the_last)


def ending(seen):
    error = seen["error"]
    if error is None:
        return f"returned {seen['value']!r}"
    return f"raised {error['type']}({error['message']!r})"


def waited(seen):
    if seen["real_waits"] and not seen["waits"]:
        return f"{times(seen['real_waits'])} with time.sleep instead of the `sleep` that you were handed"
    return figures(seen["waits"]) or "not at all"


def figures(numbers):
    return ", ".join(f"{number:.4g}" for number in numbers)


def times(number, noun="time"):
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
