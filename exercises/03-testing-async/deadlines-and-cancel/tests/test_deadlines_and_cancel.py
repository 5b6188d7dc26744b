"""Bookings end in time, take back what they did, and lose no receipt."""

import pytest

from prodev.testbed import explain

UNDO_S = 0.04
NAMES = ["hold", "price", "charge", "confirm", "stamp"]


class Diary:
    """What happened, and when, told to this side as it happens."""

    def __init__(self, rng):
        self.events = []
        self.results = {}
        self._rng = rng

    def tell(self, what, name, now):
        self.events.append((what, name, now))
        if what == "begins":
            self.results[name] = name if name.startswith("booking") else f"{name} {self._rng.randrange(1000, 10000)}"
            return self.results[name]
        return None

    def names(self, what, until=None):
        """Names of all to whom that happened, in order; ``until`` an event."""
        end = next((at for at, event in enumerate(self.events) if event[0] == until), None)
        return [name for each, name, _ in self.events[:end] if each == what]

    def when(self, what):
        return next(now for each, _, now in self.events if each == what)

    def late(self):
        """What was undone only after ``book`` had ended."""
        return self.names("is undone")[len(self.names("is undone", until="ended")) :]

    def took(self):
        return round(self.when("ended") - self.when("called"), 3)

    def clean_up(self):
        """What was undone before ``book`` ended, as begun and finished."""
        end = next(at for at, event in enumerate(self.events) if event[0] == "ended")
        return [(what, name) for what, name, _ in self.events[:end] if what in ("undo begins", "is undone")]


@pytest.fixture
def diary(rng):
    return Diary(rng)


def plan(*seconds, error=None):
    """Steps of so many seconds; the last one raises ``error``."""
    last = len(seconds) - 1
    return [
        [name, each, error if number == last else None, UNDO_S]
        for number, (name, each) in enumerate(zip(NAMES, seconds, strict=False))
    ]


@pytest.mark.task("in-time")
def test_books_step_by_step(candidate, diary, rng):
    """Steps within the budget run one after the other, and give their results."""
    seconds = [rng.choice([0.02, 0.03, 0.05]) for _ in NAMES]

    seen = candidate.probe("book", plan=plan(*seconds), tell=diary.tell)

    order = [(what, name) for what, name, _ in diary.events if what in ("begins", "is done")]
    expected = [(what, name) for name in NAMES for what in ("begins", "is done")]
    assert (order, seen["results"]) == (expected, list(diary.results.values())), explain(
        did=f"I booked in five steps of {seconds} s, with the budget of 0.3 s.",
        saw=f"You returned {seen['results']} and raised {seen['error']}; what happened was {told(order)}.",
        why="Who charges before the room is held charges for a room that is not there.",
        look="The loop over the steps, and what you append to the results.",
    )


@pytest.mark.task("in-time")
@pytest.mark.parametrize("budget", ["default", "drawn"])
def test_one_budget_for_all_steps(candidate, diary, rng, budget):
    """When the budget is over, the booking ends, however many steps there were."""
    budget_s = 0.3 if budget == "default" else rng.choice([0.5, 0.8, 2.0])
    each = round(budget_s * 0.8, 3)
    settings = {} if budget == "default" else {"budget_s": budget_s}

    seen = candidate.probe("book", plan=plan(*[each] * 5), tell=diary.tell, **settings)

    took = diary.took()
    assert is_too_late(seen) and took <= round(budget_s + UNDO_S, 3), explain(
        did=f"I booked in 5 steps of {each} s each, with a budget of {budget_s} s.",
        saw=f"It took {took} s and {ended(seen)}; I expected TooLate after {budget_s} s, "
        f"and {UNDO_S} s to undo a step. 5 steps x {each} s = {round(5 * each, 3)} s"
        f"{': the guest waited for the sum' if took > budget_s * 2 else ''}.",
        why="A guest does not wait for a step but for the answer; timeouts that begin anew with every step add up.",
        look="Where the timeout begins: around the loop over the steps, or inside of it.",
    )


@pytest.mark.task("in-time")
def test_stops_the_step_under_way(candidate, diary, rng):
    """What is under way when the budget is over is cancelled, and nothing goes on."""
    seconds = [0.05, rng.choice([0.5, 1.0, 3.0]), 0.01]

    seen = candidate.probe("book", plan=plan(*seconds), tell=diary.tell)

    gone = diary.names("is cancelled", until="ended")
    assert (gone, diary.names("is done"), seen["orphans"]) == (["price"], ["hold"], 0), explain(
        did=f"I booked in steps of {seconds} s; the budget of 0.3 s ends during 'price'. Then I watched for 20 s more.",
        saw=f"When book had ended, {gone or 'no step'} had been cancelled. In the end {diary.names('is done')} were "
        f"done, and {seen['orphans']} of your tasks were still there.",
        why="A step that goes on behind the guest's back charges a card for a booking that we refused.",
        look="What stops a step: asyncio.timeout and wait_for cancel and await it; asyncio.wait and shield do not.",
    )


@pytest.mark.task("as-it-is")
@pytest.mark.parametrize("error", ["ValueError", "TimeoutError", "ConnectionError"])
def test_an_error_leaves_as_it_is(candidate, diary, error):
    """What a step raises is what the caller gets."""
    seen = candidate.probe("book", plan=plan(0.05, 0.05, error=error), tell=diary.tell)

    assert seen["error"] == f"{error}: price failed", explain(
        did=f"I booked in two steps; the second one raised {error} after 0.1 s, long before the budget of 0.3 s.",
        saw=f"Your book {ended(seen)}; I expected {error}: price failed.",
        why="'Too late' makes the guest try again; a declined card or a bank that is away needs another answer.",
        look="What you catch, and how you tell your own deadline from a TimeoutError of somebody else's.",
    )


@pytest.mark.task("undone")
@pytest.mark.parametrize("reason", ["too late", "an error", "cancelled"])
def test_undoes_newest_first(candidate, diary, reason):
    """However it fails, each finished step is undone, the newest first, before book ends."""
    slow = reason != "an error"
    steps = plan(0.03, 0.03, 0.03, 5 if slow else 0.03, error=None if slow else "ValueError")
    cancel = {"cancel_after": 0.1} if reason == "cancelled" else {}

    candidate.probe("book", plan=steps, tell=diary.tell, **cancel)

    wanted = [(what, name) for name in ("charge", "price", "hold") for what in ("undo begins", "is undone")]
    assert diary.clean_up() == wanted and len(diary.names("undo begins")) == 3, explain(
        did=f"Hold, price and charge were done when the fourth step ended the booking: {reason}.",
        saw=f"Before book had ended, this was undone: {told(diary.clean_up()) or 'nothing'}; "
        f"after it: {', '.join(diary.late()) or 'nothing'}. "
        f"I expected {told(wanted)}.",
        why="What is not undone stays: a room that nobody can book, a card that was charged for it.",
        look="Which exceptions reach your clean-up (CancelledError is no Exception), "
        "and whether each undo is awaited, newest first.",
    )


@pytest.mark.task("undone")
def test_the_deadline_does_not_cut_the_clean_up(candidate, diary):
    """A step fails shortly before the deadline; undoing takes longer, and runs to its end."""
    steps = plan(0.09, 0.09, 0.09, 0.01, error="ConnectionError")

    seen = candidate.probe("book", plan=steps, tell=diary.tell)

    undone = diary.names("is undone", until="ended")
    assert (undone, seen["error"]) == (["charge", "price", "hold"], "ConnectionError: confirm failed"), explain(
        did=f"The fourth step failed after 0.28 s; the budget is 0.3 s, and to undo three takes {3 * UNDO_S:g} s.",
        saw=f"{len(undone)} of 3 steps were undone, and your book {ended(seen)}.",
        why="A clean-up that is cancelled half-way leaves what it was meant to prevent.",
        look="Whether your clean-up stands inside of the timeout or around it.",
    )


@pytest.mark.task("cancelled")
@pytest.mark.parametrize("during", ["the first step", "the third step"])
def test_lets_a_cancellation_out(candidate, diary, during):
    """Cancelled from outside, a booking is cancelled."""
    after = 0.03 if during == "the first step" else 0.15

    seen = candidate.probe("book", plan=plan(0.06, 0.06, 0.06, 0.06), tell=diary.tell, cancel_after=after)

    assert seen["cancelled"] and seen["orphans"] == 0, explain(
        did=f"I cancelled a booking during {during}, as a server does that has to stop.",
        saw=f"Cancellation swallowed: your book {ended(seen)}, {diary.took()} s after the call, "
        f"with {len(diary.names('is done'))} steps done and {seen['orphans']} of your tasks left.",
        why="Who cancels waits for the end; a task that makes something else of it lets a shutdown hang.",
        look="Each `except` that catches CancelledError (BaseException, or a bare `except`): it has to end with raise.",
    )


@pytest.mark.task("cancelled")
def test_no_receipt_for_what_failed(candidate, diary):
    """A booking that was cancelled sends no receipt."""
    candidate.probe("book", plan=plan(0.06, 0.06), tell=diary.tell, cancel_after=0.09)

    assert diary.names("receipt") == [], explain(
        did="I cancelled a booking during its second step.",
        saw=f"{len(diary.names('receipt'))} receipt went out.",
        why="A receipt for a booking that was undone is a promise that nobody keeps.",
        look="What your code does after a cancellation: nothing of it may run on.",
    )


@pytest.mark.task("receipts")
def test_receipts_run_in_the_background_and_to_their_end(candidate, diary, rng):
    """A guest does not wait for the receipt, and leaving the desk does."""
    count = rng.randint(3, 5)

    seen = candidate.probe("book_with_receipts", count=count, failing=None, tell=diary.tell, send_after=1.0)

    sent, booked = diary.names("receipt is sent", until="left"), diary.names("receipt is sent", until="all are booked")
    assert (sorted(sent), booked, seen["errors"]) == (sorted(diary.results), [], []), explain(
        did=f"I made {count} bookings at one desk; the post for their receipts came a second later. "
        "Meanwhile I let Python collect its garbage. Then I left the desk.",
        saw=f"{len(booked)} receipts held up their guest; {seen['alive']} of {count} were alive after the collection"
        f"{': a task was garbage-collected before it had run' if seen['alive'] < count and not booked else ''}; "
        f"{len(sent)} had been sent when I had left. {'; '.join(seen['errors'])}",
        why="The loop refers to its tasks weakly: a task that nobody else holds may vanish, without an error.",
        look="Who keeps a reference to your task until it has ended, and what __aexit__ waits for.",
    )


@pytest.mark.task("receipts")
def test_a_receipt_that_fails_stops_no_other(candidate, diary, rng):
    """One receipt fails; the others are sent, and bookings go on."""
    failing = f"booking {rng.randint(1, 3)}"

    seen = candidate.probe("book_with_receipts", count=4, failing=failing, tell=diary.tell, send_after=1.0)

    sent = diary.names("receipt is sent", until="left")
    assert (len(sent), seen["errors"], seen["orphans"]) == (3, [], 0), explain(
        did=f"I made four bookings at one desk; the receipt of {failing} failed with ConnectionError.",
        saw=f"{len(sent)} of 3 other receipts were sent when I had left; bookings failed with {seen['errors']}; "
        f"{seen['orphans']} tasks were left.",
        why="A mail server's bad day is no reason to lose the other guests' receipts.",
        look="What a TaskGroup does when one of its tasks fails, or gather without return_exceptions.",
    )


@pytest.mark.task("receipts")
def test_a_receipt_that_fails_early_stops_no_booking(candidate, diary):
    """A receipt fails while bookings are still made at the desk; these go on."""
    seen = candidate.probe("book_with_receipts", count=20, failing="booking 1", tell=diary.tell, send_after=0.1)

    assert (seen["errors"], len(diary.results)) == ([], 20), explain(
        did="I made 20 bookings at one desk; the receipt of the first failed while the tenth was being made.",
        saw=f"{len(diary.results)} bookings were begun; then {seen['errors']}.",
        why="A mail server's bad day is no reason to close the desk.",
        look="What a TaskGroup does to the block that it stands around when one of its tasks fails.",
    )


@pytest.mark.task("receipts")
def test_a_receipt_that_fails_is_logged(candidate, diary):
    """The error of a receipt is in the log."""
    seen = candidate.probe("book_with_receipts", count=2, failing="booking 1", tell=diary.tell, send_after=1.0)

    about = [text for text in seen["logged"] if "no post today" in text]
    assert about, explain(
        did="I made two bookings; the receipt of the first failed with ConnectionError: no post today.",
        saw=f"The log has {seen['logged'] or 'nothing'}; the error is not in it.",
        why="Nobody awaits a receipt, so nobody sees its error: without a line in the log it never happened.",
        look="What you catch around a receipt, and return_exceptions=True: both take the error. Log it there.",
    )


@pytest.mark.task("receipts")
def test_keeps_no_receipt_that_has_ended(candidate, diary):
    """Receipts that were sent are forgotten."""
    seen = candidate.probe("book_with_receipts", count=30, failing=None, tell=diary.tell, send_after=0.001)

    assert seen["kept"] <= 2, explain(
        did="I made 30 bookings at one desk; each receipt was sent at once.",
        saw=f"{seen['kept']} tasks of receipts that have ended are still in memory.",
        why="A desk that is open all week keeps a week of receipts, until the machine has no memory left.",
        look="What takes a task out of your collection when it is done: add_done_callback.",
    )


def is_too_late(seen):
    return "TooLate" in seen.get("kinds", [])


def ended(seen):
    return f"returned {seen['results']}" if seen["results"] is not None else f"raised {seen['error']}"


def told(events):
    return ", ".join(f"{name} {what}" for what, name in events)
